import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aDay, anUpdate, aPeriodUpdate, asEstimate, DEVICE_ID, withEstimate } from '@/testing/days';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp, push } from '@/testing/open-app';
import { bars, figureOf } from '@/testing/screen';
import { answer } from '@/testing/server';

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

const isLive = () => waitFor(() => expect(screen.getByTestId('live-status').dataset.status).toBe('live'));
const readout = async () => (await screen.findAllByTestId('readout'))[0]?.textContent;

it('a live update moves the bar, the figures and the power without a request', async () => {
  serveEnergy([aMonitoredDevice({ last_reading_value: 0.125 })], (at) => (at.getUTCHours() === 15 ? 0.25 : null));
  let reads = 0;
  answer('/api/monitoring/hourly/daily/', () => {
    reads += 1;
    return undefined;
  });
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-20`);
  await isLive();
  expect(await bars('hour-bar')).toEqual({ '2026-03-20T15:00:00Z': 0.25 });
  expect(screen.getByTestId('summary-last-reading').textContent).toContain('750W');
  await waitFor(() => expect(screen.getByTestId('period-view').getAttribute('aria-busy')).toBe('false'));
  const readsBefore = reads;

  push({
    ...anUpdate(aDay('2026-03-20', 'UTC', () => null), 15, 0.75),
    last_reading_at: '2026-03-20T15:25:00Z',
    last_reading_value: 0.5,
  });

  await waitFor(async () => expect(await bars('hour-bar')).toEqual({ '2026-03-20T15:00:00Z': 0.75 }));
  expect(await figureOf('summary-total')).toBe('0.75');
  expect(await figureOf('summary-peak')).toBe('0.75');
  expect(screen.getByTestId('summary-last-reading').textContent).toContain('3.00kW');
  expect(reads).toBe(readsBefore);
});

it('a late update of a past day moves that day and leaves the power as it is', async () => {
  serveEnergy([aMonitoredDevice()], () => 0.25);
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-19`);
  await isLive();
  expect(await figureOf('summary-total')).toBe('6');
  const power = screen.getByTestId('summary-last-reading').textContent;

  push(anUpdate(aDay('2026-03-19', 'UTC', () => null), 8, 2.25));

  await waitFor(async () => expect(await figureOf('summary-total')).toBe('8'));
  expect(await figureOf('summary-peak')).toBe('2.25');
  expect(screen.getByTestId('summary-last-reading').textContent).toBe(power);
});

it('a day with an estimated hour shows one average and one peak, in the figures and above the bars, also after a live update', async () => {
  const kwh: Record<number, number> = { 12: 0.2, 13: 0.3, 17: 5 };
  const day = withEstimate(
    aDay('2026-03-10', 'UTC', (hour) => kwh[hour] ?? null),
    17,
  );
  serveEnergy([aMonitoredDevice({ reading_kind: 'cumulative' })], () => 0.25);
  answer('/api/monitoring/hourly/daily/', (query) => (query.get('date') === day.date ? day : undefined));
  await openApp(`/energy?device=${DEVICE_ID}&date=${day.date}`);
  await isLive();
  expect(await figureOf('summary-average')).toBe('0.25');
  expect(await figureOf('summary-peak')).toBe('0.3');
  expect(await readout()).toContain('0.25 kWh per hour on average');
  expect(await readout()).toContain('peak 0.30 kWh at 13:00 – 14:00');

  push(asEstimate(anUpdate(day, 17, 8)));

  await waitFor(async () => expect(await figureOf('summary-total')).toBe('8.5'));
  expect(await figureOf('summary-average')).toBe('0.25');
  expect(await figureOf('summary-peak')).toBe('0.3');
  expect(await readout()).toContain('0.25 kWh per hour on average');
});

it.each([
  ['a day', 'date=2026-03-11', 'hour-bar', 24],
  ['a month', 'date=2026-03-10&period=month', 'slot-bar', 20],
] as const)('a changed period is read again where it is shown: %s', async (_, query, bar, many) => {
  let kwh = 0.5;
  serveEnergy([aMonitoredDevice({ reading_kind: 'cumulative', last_reading_at: '2026-03-18T00:00:00Z' })], () => kwh);
  await openApp(`/energy?device=${DEVICE_ID}&${query}`);
  await isLive();
  expect(Object.keys(await bars(bar))).toHaveLength(many);
  await waitFor(() => expect(screen.getByTestId('period-view').getAttribute('aria-busy')).toBe('false'));
  const before = await figureOf('summary-total');

  kwh = 1;
  push(aPeriodUpdate('2026-04-10T00:00:00Z', '2026-04-20T00:00:00Z', '2026-03-20T15:28:00Z', 1310));
  await waitFor(() => expect(screen.getByTestId('summary-last-reading').dataset.value).toBe('2026-03-20T15:28:00Z'));
  expect(await figureOf('summary-total')).toBe(before);

  push(aPeriodUpdate('2026-03-05T00:00:00Z', '2026-03-15T00:00:00Z', '2026-03-15T00:00:00Z', 1310));
  await waitFor(async () => expect(await figureOf('summary-total')).toBe(String(2 * Number(before))), { timeout: 10_000 });
  // A late reading is not the last one.
  expect(screen.getByTestId('summary-last-reading').dataset.value).toBe('2026-03-20T15:28:00Z');
}, 15_000);
