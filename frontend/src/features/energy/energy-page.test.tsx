import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { BrowserRouter } from 'react-router';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { live, type LiveListener } from '@/lib/live/live';
import { session } from '@/lib/session/session';
import type { DailyEnergy, MonitoredDevice, Series } from '@/lib/transport/api-types';
import { aDay, anUpdate, DEVICE_ID, withGap } from '@/testing/days';
import { EnergyPage } from './energy-page';

const DEVICE: MonitoredDevice = {
  device_id: DEVICE_ID,
  name: 'Heat pump',
  description: '',
  device_type: 'smart_meter',
  status: 'deployed',
  timezone: 'UTC',
  interval_seconds: 600,
  reading_kind: 'cumulative',
  max_consumption: null,
  first_hour: '2026-01-01T00:00:00Z',
  last_reading_at: '2026-03-10T23:50:00Z',
  last_reading_value: 1,
  today_consumption: null,
  silent: false,
};

const kwh: Record<number, number> = { 12: 0.2, 13: 0.3, 17: 5 };
const GAP_DAY = withGap(aDay('2026-03-10', 'UTC', (i) => kwh[i] ?? null), 17, 4);

let listeners: LiveListener[] = [];
let hold: Promise<void> | null = null;

// The chunk that the page loads late is here before a test waits for it.
beforeAll(() => import('./period/period-charts'));

beforeEach(() => {
  listeners = [];
  hold = null;
  vi.spyOn(session, 'accessToken').mockResolvedValue('token');
  vi.spyOn(live, 'subscribe').mockReturnValue();
  vi.spyOn(live, 'listen').mockImplementation((listener) => {
    listeners.push(listener);
    return () => undefined;
  });
  vi.stubGlobal('fetch', async (path: string) => {
    const url = new URL(path, 'http://localhost');
    if (!url.pathname.endsWith('/devices/') && hold !== null) await hold;
    return new Response(JSON.stringify(answer(url)));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function answer({ pathname, searchParams }: URL): unknown {
  if (pathname.endsWith('/devices/')) return { count: 1, next: null, previous: null, results: [DEVICE] };
  if (pathname.endsWith('/hourly/daily/')) return dayOf(searchParams.get('date') ?? '');
  return seriesOf(searchParams);
}

function dayOf(date: string): DailyEnergy {
  return date === GAP_DAY.date ? GAP_DAY : aDay(date, 'UTC', () => 0.25);
}

/** Every day of a month uses 6 kWh, 0.25 an hour. */
function seriesOf(query: URLSearchParams): Series {
  const [start, end] = [query.get('start') ?? '', query.get('end') ?? ''];
  const hours = query.get('resolution') === 'hour' ? 1 : 24;
  const points = [];
  for (let at = Date.parse(start); at < Date.parse(end); at += hours * 3_600_000) {
    points.push({
      start: new Date(at).toISOString(),
      total_consumption: hours * 0.25,
      measurement_count: hours,
      hours_with_data: hours,
      hours_expected: hours,
    });
  }
  return { device_id: DEVICE_ID, start, end, timezone: 'UTC', resolution: '', points };
}

function open(query: string) {
  history.replaceState(null, '', `/energy?${query}`);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 30_000 } } })}>
        <BrowserRouter>
          <EnergyPage />
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const value = async (testId: string) => (await screen.findByTestId(testId)).dataset.value;
const readout = async () => (await screen.findAllByTestId('readout'))[0]?.textContent;

it('a day with a gap shows one average and one peak, in the figures and above the bars, also after a live update', async () => {
  open(`device=${DEVICE_ID}&date=2026-03-10`);
  expect(await value('summary-average')).toBe('0.916667');
  expect(await value('summary-peak')).toBe('0.3');
  expect(await readout()).toContain('0.92 kWh an hour on average');
  expect(await readout()).toContain('highest 0.30 kWh, 13:00 – 14:00');

  act(() => listeners.forEach((listener) => listener.onUpdate?.({ ...anUpdate(GAP_DAY, 17, 8), covers_hours: 4 })));

  await waitFor(async () => expect(await value('summary-total')).toBe('8.5'));
  expect(await value('summary-average')).toBe('1.416667');
  expect(await value('summary-peak')).toBe('0.3');
  expect(await readout()).toContain('1.4 kWh an hour on average');
});

it('the former period stays in sight until the next one is complete', async () => {
  open(`device=${DEVICE_ID}&date=2026-03-20&period=month`);
  expect(await value('summary-total')).toBe('186');
  const gate = new EventTarget();
  hold = new Promise((resolve) => gate.addEventListener('open', () => resolve()));

  // February is known already: the comparison has read it.
  await userEvent.click(screen.getByTestId('date-prev'));
  expect(await value('summary-total')).toBe('168');
  await userEvent.click(screen.getByTestId('date-prev'));

  expect(await value('summary-total')).toBe('168');
  expect(screen.getByTestId('period-view').getAttribute('aria-busy')).toBe('true');
  act(() => void gate.dispatchEvent(new Event('open')));
  await waitFor(async () => expect(await value('summary-total')).toBe('186'));
  expect(screen.getByTestId('period-view').getAttribute('aria-busy')).toBe('false');
});
