import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy, type KwhAt } from '@/testing/energy-server';
import { inAddress, openApp } from '@/testing/open-app';
import { bars, figureOf, legend, rows } from '@/testing/screen';
import { answer, http, problem, server } from '@/testing/server';

const HEAT_PUMP = aMonitoredDevice({ max_consumption: 2.2 });
const DAY = `/energy?device=${HEAT_PUMP.device_id}&date=2026-03-10`;

/** From 2026 on: 0.1 kWh in the first hour of a day, 0.1 more in each further one, nothing from 10:00 to 12:00. */
const rising: KwhAt = (at) => {
  const hour = at.getUTCHours();
  return at.getUTCFullYear() < 2026 || hour === 10 || hour === 11 ? null : (hour + 1) / 10;
};

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

it('a day of a device has a bar for each measured hour and figures of these hours', async () => {
  serveEnergy([HEAT_PUMP], rising);
  await openApp(DAY);

  const kwh = Object.values(await bars('hour-bar'));
  expect(kwh).toHaveLength(22);
  expect(kwh.toSorted((a, b) => a - b).at(-1)).toBe(2.4);
  expect(await figureOf('summary-total')).toBe('27.7');
  expect(await figureOf('summary-peak')).toBe('2.4');
  expect(await figureOf('summary-average')).toBe('1.259091');
  expect(screen.getByTestId('summary-peak').textContent).toContain('23:00 – 00:00');
});

it.each([
  ['a meter of each minute', { interval_seconds: 60, last_reading_at: '2026-03-20T15:28:00Z' }, '2026-03-20', 'Now', 'Updated 1 min ago'],
  ['a meter of each hour', { interval_seconds: 3600, last_reading_at: '2026-03-20T14:00:00Z' }, '2026-03-20', 'Last hour, average', 'Updated 30 min ago'],
  ['a quarter of an hour', { interval_seconds: 900, last_reading_at: '2026-03-20T15:00:00Z' }, '2026-03-20', 'Last 15 minutes, average', 'Updated 15 min ago'],
  ['a past day', { interval_seconds: 60, last_reading_at: '2026-03-20T15:28:00Z' }, '2026-03-10', 'Now, 20 Mar', 'Updated 1 min ago'],
])('the power of %s names its time and counts its age from the end of the interval', async (_, meter, date, name, age) => {
  serveEnergy([aMonitoredDevice(meter)], rising);
  await openApp(`/energy?device=${HEAT_PUMP.device_id}&date=${date}`);

  const text = (await screen.findByTestId('summary-last-reading')).textContent;
  expect(text?.startsWith(name)).toBe(true);
  expect(text?.endsWith(age)).toBe(true);
});

it('hours without readings are marked as unknown and are not zero', async () => {
  serveEnergy([HEAT_PUMP], rising);
  await openApp(DAY);

  expect(Object.keys(await bars('hour-bar'))).not.toContain('2026-03-10T10:00:00Z');
  expect(screen.getAllByTestId('hour-gap')).toHaveLength(1);
  expect(screen.getByTestId('summary-total').textContent).toContain('88 of 96 quarter-hours measured');
  expect((await rows('hour-table'))[10]).toEqual(['10:00 – 11:00', '—', '—', 'no readings']);
  expect(await legend()).toContain('No readings');
});

it('hours over the limit are marked in the chart, its legend and the table', async () => {
  serveEnergy([HEAT_PUMP], rising);
  await openApp(DAY);

  await bars('hour-bar');
  const over = screen.getAllByTestId('hour-bar').filter((bar) => bar.dataset.over === 'true');
  expect(over.map((bar) => bar.dataset.kwh)).toEqual(['2.3', '2.4']);
  expect(await legend()).toEqual(expect.arrayContaining(['Limit 2.2 kWh', 'Over the limit']));
  expect((await rows('hour-table'))[23]?.at(-1)).toBe('0.2 over the limit');
});

it('a day before the first reading says so and leads to that reading', async () => {
  serveEnergy([HEAT_PUMP], rising);
  const user = await openApp(`/energy?device=${HEAT_PUMP.device_id}&date=2025-12-30`);

  expect((await screen.findByTestId('no-data')).textContent).toContain('The first reading arrived on 1 January 2026.');
  expect(await figureOf('summary-total')).toBe('');
  await user.click(screen.getByTestId('no-data-go'));
  await bars('hour-bar');
  expect(inAddress('date')).toBe('2026-01-01');
});

it('days of a month before the first reading are no gap', async () => {
  serveEnergy([aMonitoredDevice({ first_hour: '2026-02-10T00:00:00Z' })], (at) => (at.getTime() < Date.UTC(2026, 1, 10) ? null : 0.25));
  await openApp(`/energy?device=${HEAT_PUMP.device_id}&date=2026-02-10&period=month`);

  expect(Object.keys(await bars('slot-bar'))).toHaveLength(19);
  expect(screen.getAllByTestId('unmetered')).toHaveLength(1);
  expect(screen.queryByTestId('slot-gap')).toBeNull();
  expect(screen.getByTestId('summary-total').textContent).toContain('Measured since Tue 10 Feb');
  expect((await rows('slot-table'))[0]?.at(-1)).toBe('before the first reading');
});

it('a client without devices reads the next step, and the first device appears by a new look', async () => {
  serveEnergy([], rising);
  const user = await openApp('/energy');
  expect((await screen.findByTestId('no-devices')).textContent).toContain('No meter is assigned to your account yet.');

  serveEnergy([HEAT_PUMP], rising);
  await user.click(screen.getByRole('button', { name: 'Refresh' }));
  await screen.findByTestId('period-view');
  expect(inAddress('device')).toBe(HEAT_PUMP.device_id);
});

it('a link to a device that is not one of the user’s leads to the user’s own devices', async () => {
  serveEnergy([HEAT_PUMP], rising);
  const user = await openApp('/energy?device=99999999-9999-4999-8999-999999999999&date=2026-03-10');

  expect((await screen.findByTestId('not-found')).textContent).toContain('Device not found');
  await user.click(screen.getByText('Show my devices'));
  await screen.findByTestId('period-view');
  expect(inAddress('device')).toBe(HEAT_PUMP.device_id);
});

it('a day that the service cannot give is an error with a button that reads it again', async () => {
  serveEnergy([HEAT_PUMP], rising);
  server.use(http.get('/api/monitoring/hourly/daily/', () => problem(503, 'unavailable')));
  const user = await openApp(DAY);

  expect((await screen.findByTestId('load-error')).textContent).toContain('The server cannot be reached.');
  serveEnergy([HEAT_PUMP], rising);
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(async () => expect(await figureOf('summary-total')).toBe('27.7'));
});

it('an hour shows its readings with the power of each, and the corrected ones', async () => {
  serveEnergy([HEAT_PUMP], rising);
  answer('/api/monitoring/data/', () => ({
    next: null,
    previous: null,
    results: [
      { timestamp: '2026-03-10T09:00:00Z', measurement_value: 0.055, revision: 0 },
      { timestamp: '2026-03-10T09:10:00Z', measurement_value: 0.2, revision: 2 },
    ],
  }));
  await openApp(`${DAY}&hour=2026-03-10T09:00:00Z`);

  const readings = await screen.findAllByTestId('reading');
  expect(readings.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ['09:00:00', '0.055', '330 W', 'none'],
    ['09:10:00', '0.200', '1.20 kW', 'no. 2'],
  ]);
});
