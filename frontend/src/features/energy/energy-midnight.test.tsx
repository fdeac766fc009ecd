import { act, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it, vi } from 'vitest';
import { aDay, anUpdate, DEVICE_ID } from '@/testing/days';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { inAddress, openApp, push } from '@/testing/open-app';
import { figureOf, heading } from '@/testing/screen';
import { answer, pageOf } from '@/testing/server';

beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

const WORKSHOP = '5c189959-e674-4eaa-8ebb-98fd953657c5';

/** Move the clock of the browser over midnight, and look at the tab. */
function passMidnight(to = '2026-03-21T00:00:05Z') {
  act(() => {
    vi.setSystemTime(to);
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

async function openAtNight(path: string) {
  serveEnergy([aMonitoredDevice()], () => 0.25);
  // After `serveEnergy`, which sets the afternoon.
  vi.setSystemTime('2026-03-20T23:59:50Z');
  answer('/api/monitoring/hourly/daily/', (query) => {
    const date = query.get('date') ?? '';
    return aDay(date, 'UTC', (hour) => (date === '2026-03-21' ? (hour === 0 ? 0.5 : null) : 0.25));
  });
  const user = await openApp(path);
  await waitFor(() => expect(screen.getByTestId('live-status').dataset.status).toBe('live'));
  return user;
}

it('a page on today becomes the new day at midnight, with its figures, comparison and live updates', async () => {
  await openAtNight(`/energy?device=${DEVICE_ID}&date=2026-03-20&compare=previous`);
  expect(await figureOf('summary-total')).toBe('6');

  // An hour is compared when it is over.
  passMidnight('2026-03-21T01:00:05Z');

  await waitFor(() => expect(inAddress('date')).toBe('2026-03-21'));
  await waitFor(async () => expect(await figureOf('summary-total')).toBe('0.5'));
  expect(screen.getByTestId('summary-total').textContent).toContain('Today');
  expect(inAddress('compare')).toBe('previous');
  expect(screen.getByTestId('summary-total').textContent).toContain('0.25 kWh more');
  push(anUpdate(aDay('2026-03-21', 'UTC', () => null), 0, 0.75));
  await waitFor(async () => expect(await figureOf('summary-total')).toBe('0.75'));
});

it('the back button does not lead to the former today', async () => {
  await openAtNight(`/energy?device=${DEVICE_ID}&date=2026-03-20`);
  const before = history.length;

  passMidnight();

  await waitFor(() => expect(inAddress('date')).toBe('2026-03-21'));
  expect(history.length).toBe(before);
});

it('a page on a past day stays there at midnight', async () => {
  await openAtNight(`/energy?device=${DEVICE_ID}&date=2026-03-19`);
  expect(await figureOf('summary-total')).toBe('6');

  passMidnight();

  await act(async () => {
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
  });
  expect(inAddress('date')).toBe('2026-03-19');
});

it.each([
  ['the last seven days', 'period=7days&date=2026-03-20', '15 – 21 Mar 2026'],
  ['all time', 'period=all', '1 Jan – 21 Mar 2026'],
])('%s reach to the new day at midnight', async (_, query, title) => {
  await openAtNight(`/energy?device=${DEVICE_ID}&${query}`);

  passMidnight();

  await waitFor(() => expect(heading()).toBe(title));
});

it('an own range that ends today stays the same at midnight', async () => {
  await openAtNight(`/energy?device=${DEVICE_ID}&period=range&from=2026-03-01&to=2026-03-20`);
  await waitFor(() => expect(heading()).toBe('1 – 20 Mar 2026'));

  passMidnight();

  await act(async () => {
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
  });
  expect(heading()).toBe('1 – 20 Mar 2026');
  expect(inAddress('to')).toBe('2026-03-20');
});

it('the energy of today of all devices is read again at midnight', async () => {
  serveEnergy([], () => 0.25);
  vi.setSystemTime('2026-03-20T23:59:50Z');
  answer('/api/monitoring/devices/', () => {
    const more = { last_reading_at: null, today_consumption: new Date().toISOString() < '2026-03-21' ? 5 : 0.5 };
    return pageOf([aMonitoredDevice(more), aMonitoredDevice({ ...more, device_id: WORKSHOP })]);
  });
  await openApp('/energy?device=all&date=2026-03-20&period=month');
  expect(await figureOf('summary-today')).toBe('10');

  passMidnight();

  await waitFor(async () => expect(await figureOf('summary-today')).toBe('1'));
});

it('a page on this month becomes the new month with it', async () => {
  serveEnergy([aMonitoredDevice()], () => 0.25);
  vi.setSystemTime('2026-03-31T23:59:50Z');
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-31&period=month`);
  await screen.findByTestId('summary-total');

  passMidnight('2026-04-01T00:00:05Z');

  await waitFor(() => expect(inAddress('date')).toBe('2026-04-01'));
  expect((await screen.findByTestId('breadcrumb')).textContent).toContain('April 2026');
});
