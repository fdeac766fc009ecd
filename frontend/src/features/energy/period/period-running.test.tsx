import { screen, waitFor } from '@testing-library/react';
import { act } from 'react';
import { afterEach, expect, it, vi } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { bars, legend } from '@/testing/screen';

type Report = (entries: { intersectionRatio: number }[]) => void;
let scrollTo: Report = () => undefined;

class Sight {
  constructor(report: Report) {
    scrollTo = (entries) => act(() => report(entries));
  }
  observe() {}
  disconnect() {}
}

afterEach(() => vi.unstubAllGlobals());

const lines = () => document.querySelectorAll('[data-testid=trend-chart] .recharts-line').length;

it('the curve of the running total is drawn when half of it is in sight; its words are there before', async () => {
  vi.stubGlobal('IntersectionObserver', Sight);
  const device = aMonitoredDevice();
  serveEnergy([device], () => 0.25);
  await openApp(`/energy?device=${device.device_id}&date=2026-03-10`);
  await bars('hour-bar');
  await waitFor(async () => expect(await legend(1)).toContain('This day'));
  expect(screen.getByTestId('trend-chart').getAttribute('aria-valuetext')).not.toBe('');

  scrollTo([{ intersectionRatio: 0.2 }]);
  expect(lines()).toBe(0);

  scrollTo([{ intersectionRatio: 0.6 }]);
  await waitFor(() => expect(lines()).toBeGreaterThan(0));
});
