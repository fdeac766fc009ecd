import { act, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aDay, anUpdate, DEVICE_ID } from '@/testing/days';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp, push } from '@/testing/open-app';
import { figureOf } from '@/testing/screen';
import { answer, http, HttpResponse, problem, server } from '@/testing/server';
import { Line } from '@/testing/sockets';

beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

const DAY = '/api/monitoring/hourly/daily/';
const day = (kwh: number) => aDay('2026-03-20', 'UTC', (hour) => (hour === 15 ? kwh : null));
const status = () => screen.getByTestId('live-status').dataset.status;
const isLive = () => waitFor(() => expect(status()).toBe('live'));
const totalIs = (kwh: string) => waitFor(async () => expect(await figureOf('summary-total')).toBe(kwh));

const week = (kwh: number) => ({
  device_id: DEVICE_ID,
  start: '2026-03-16T00:00:00Z',
  end: '2026-03-23T00:00:00Z',
  timezone: 'UTC',
  resolution: 'day',
  points: [
    {
      start: '2026-03-20T00:00:00Z',
      total_consumption: kwh,
      estimated: 0,
      measurement_count: 1,
      hours_with_data: 1,
      hours_expected: 24,
      quality: { measured: 4, estimated: 0, missing: 92 },
    },
  ],
});

/** Cut the live connection as the service does when it can push nothing. */
const cut = () => act(() => Line.all.at(-1)?.hangUp(1012));

async function openToday(kwh: number) {
  serveEnergy([aMonitoredDevice()], () => null);
  answer(DAY, () => day(kwh));
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-20`);
  await isLive();
  await totalIs(String(kwh));
}

it('a reading that came while the connection was interrupted is shown when it is back', async () => {
  await openToday(0.25);
  answer(DAY, () => day(0.75));

  cut();

  await totalIs('0.75');
  await waitFor(() => expect(status()).toBe('live'));
});

it('a read that fails after an interruption is repeated until it succeeds', async () => {
  await openToday(0.25);
  let failures = 0;
  server.use(
    http.get(DAY, ({ request }) => {
      if (!request.url.includes('date=2026-03-20')) return HttpResponse.json(day(0));
      failures += 1;
      return failures <= 4 ? problem(503, 'unavailable') : HttpResponse.json(day(0.75));
    }),
  );

  cut();

  await totalIs('0.75');
  expect(failures).toBeGreaterThan(4);
}, 30_000);

it('an answer that was on its way when the subscription was confirmed is read again', async () => {
  serveEnergy([aMonitoredDevice()], () => null);
  let reads = 0;
  let release: (() => void) | undefined;
  server.use(
    http.get(DAY, async () => {
      reads += 1;
      if (reads > 1) return HttpResponse.json(day(0.75));
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return HttpResponse.json(day(0.25));
    }),
  );
  // The day of the device that was shown last is read before the list, and so before the subscription.
  localStorage.setItem('ems-last-device', DEVICE_ID);
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-20`);
  await waitFor(() => expect(release).toBeDefined());
  await waitFor(() => expect(Line.all.at(-1)?.sent.at(-1)).toMatchObject({ type: 'subscribe', device_ids: [DEVICE_ID] }));
  await isLive();

  release?.();

  await totalIs('0.75');
});

it('the readings of an opened hour are read again after an interruption', async () => {
  let readings = 1;
  serveEnergy([aMonitoredDevice()], () => 0.25);
  answer('/api/monitoring/data/', () => ({
    next: null,
    results: Array.from({ length: readings }, (_, minute) => ({
      timestamp: `2026-03-20T15:0${minute}:00Z`,
      measurement_value: 0.25,
      revision: 0,
    })),
  }));
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-20&hour=2026-03-20T15:00:00Z`);
  await isLive();
  await waitFor(() => expect(screen.getAllByTestId('reading')).toHaveLength(1));
  readings = 2;

  cut();

  await waitFor(() => expect(screen.getAllByTestId('reading')).toHaveLength(2));
});

it('the sum of a week follows updates that come while it is first read', async () => {
  serveEnergy([aMonitoredDevice()], () => null);
  let released = false;
  const waiting: (() => void)[] = [];
  server.use(
    http.get('/api/monitoring/series/', async () => {
      if (released) return HttpResponse.json(week(0.75));
      await new Promise<void>((resolve) => waiting.push(resolve));
      return HttpResponse.json(week(0.25));
    }),
  );
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-20&period=week`);
  await isLive();
  await waitFor(() => expect(waiting.length).toBeGreaterThan(0));
  push(anUpdate(day(0.75), 15, 0.75));
  released = true;
  for (const resolve of waiting) resolve();

  await totalIs('0.75');
});
