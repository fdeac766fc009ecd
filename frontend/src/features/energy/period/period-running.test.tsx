import { act, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { bars, legend } from '@/testing/screen';

type Report = (entries: { isIntersecting: boolean }[]) => void;
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

async function openDay() {
  vi.stubGlobal('IntersectionObserver', Sight);
  const device = aMonitoredDevice();
  serveEnergy([device], () => 0.25);
  await openApp(`/energy?device=${device.device_id}&date=2026-03-10`);
  await bars('hour-bar');
  await waitFor(async () => expect(await legend(1)).toContain('This day'));
}

it('the curve of the running total is drawn when it comes into sight; its words are there before', async () => {
  await openDay();
  expect(screen.getByTestId('trend-chart').getAttribute('aria-valuetext')).not.toBe('');

  scrollTo([{ isIntersecting: false }]);
  expect(lines()).toBe(0);

  scrollTo([{ isIntersecting: true }]);
  await waitFor(() => expect(lines()).toBeGreaterThan(0));
});

it('the curve of the running total is on paper, although nobody has scrolled to it', async () => {
  await openDay();
  expect(lines()).toBe(0);

  act(() => void window.dispatchEvent(new Event('beforeprint')));
  await waitFor(() => expect(lines()).toBeGreaterThan(0));
});
