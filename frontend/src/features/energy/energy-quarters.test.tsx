import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aDay, anUpdate, DEVICE_ID } from '@/testing/days';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { inAddress, openApp, push } from '@/testing/open-app';
import { bars, figureOf, rows } from '@/testing/screen';
import { answer } from '@/testing/server';

const METER = aMonitoredDevice({ max_consumption: 0.5 });
const DAY = `/energy?device=${DEVICE_ID}&date=2026-03-10`;
const QUARTERS = `${DAY}&resolution=quarter`;

/** kWh of each hour. */
let kwhOfHour = 1;

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/hour-readings')]));

function serve(): void {
  kwhOfHour = 1;
  serveEnergy([METER], (at) => (at.getUTCHours() === 3 ? null : kwhOfHour));
}

const axis = () => [...document.querySelectorAll('[data-testid="period-chart"] svg > g text[text-anchor="end"]')].map((text) => text.textContent);
const barCount = () => screen.queryAllByTestId('slot-bar').length;

it('the bars of a day are quarters of an hour by a switch, which stays in the address on the way to another day', async () => {
  serve();
  const user = await openApp(DAY);
  await bars('hour-bar');

  await user.click(await screen.findByText('15 min'));
  await waitFor(() => expect(barCount()).toBe(92));
  expect((await bars('slot-bar'))['2026-03-10T00:45:00Z']).toBe(0.25);
  expect(inAddress('resolution')).toBe('quarter');
  expect(await figureOf('summary-total')).toBe('23');
  expect(screen.getByTestId('summary-peak').textContent).toBe('Peak quarter-hour0.25kWh00:00 – 00:15, 1.00 kW');
  expect(screen.getByTestId('summary-average').textContent).toContain('Based on 92 quarter-hours');
  expect(screen.getByTestId('summary-total').textContent).toContain('92 of 96 quarter-hours measured');

  await user.click(await screen.findByLabelText('Month'));
  await waitFor(() => expect(screen.queryAllByTestId('slot-bar')).toHaveLength(20));
  expect(screen.queryByText('15 min')).toBeNull();
  await user.click(await screen.findByLabelText('Day'));
  await waitFor(() => expect(barCount()).toBe(92));

  await user.click(screen.getByText('1 h'));
  expect(Object.keys(await bars('hour-bar'))).toHaveLength(23);
  expect(inAddress('resolution')).toBeNull();
});

it('the axis of quarter-hours names energy or power, and the table has both', async () => {
  serve();
  const user = await openApp(`${QUARTERS}&view=table`);
  await waitFor(async () => expect((await rows('slot-table'))[1]).toEqual(['00:15 – 00:30', '0.25', '1.00 kW', '']));
  expect(screen.getByTestId('slot-table').textContent).not.toContain('over the limit');

  await user.click(screen.getByText('Chart'));
  await waitFor(() => expect(axis().at(-1)).toBe('0.3'));
  await user.click(screen.getByText('kW', { selector: '[data-testid="bar-choice"] *' }));
  await waitFor(() => expect(axis().at(-1)).toBe('1.00'));
  expect(inAddress('unit')).toBe('kw');
  fireEvent.keyDown(screen.getByTestId('period-chart'), { key: 'Home' });
  expect(screen.getByTestId('period-chart').getAttribute('aria-valuetext')).toBe('00:00 – 00:15, 1.00 kW, 0.25 kWh');
});

it('a bar of a quarter-hour opens the readings of its hour', async () => {
  serve();
  answer('/api/monitoring/data/', () => ({
    next: null,
    previous: null,
    results: [{ timestamp: '2026-03-10T01:00:00Z', measurement_value: 0.25, revision: 0 }],
  }));
  await openApp(QUARTERS);
  await waitFor(() => expect(barCount()).toBe(92));

  const chart = screen.getByTestId('period-chart');
  fireEvent.keyDown(chart, { key: 'Home' });
  for (let step = 0; step < 6; step += 1) fireEvent.keyDown(chart, { key: 'ArrowRight' });
  fireEvent.keyDown(chart, { key: 'Enter' });

  expect((await screen.findByTestId('hour-readings')).textContent).toContain('Readings, 01:00 – 02:00');
  expect(inAddress('hour')).toBe('2026-03-10T01:00:00.000Z');
});

it('a live update moves the quarter-hours', async () => {
  serve();
  await openApp(`/energy?device=${DEVICE_ID}&date=2026-03-20&resolution=quarter`);
  await waitFor(() => expect(screen.getByTestId('live-status').dataset.status).toBe('live'));
  expect((await bars('slot-bar'))['2026-03-20T15:15:00Z']).toBe(0.25);

  kwhOfHour = 2;
  push(anUpdate(aDay('2026-03-20', 'UTC', () => null), 15, 2));

  await waitFor(async () => expect((await bars('slot-bar'))['2026-03-20T15:15:00Z']).toBe(0.5));
});

it('the highest power of a quarter-hour stands beside the peak of hours and days, where the meter reports as often', async () => {
  serve();
  const peak = { start: '2026-03-10T18:15:00Z', total_consumption: 0.8, power_kw: 3.2 };
  let requests = 0;
  answer('/api/monitoring/stats/', (query) => {
    requests += 1;
    return { device_id: DEVICE_ID, start: query.get('start'), end: query.get('end'), peak_quarter: peak };
  });
  const user = await openApp(DAY);
  await waitFor(() => expect(screen.getByTestId('summary-peak').textContent).toContain('00:00 – 01:00, up to 3.20 kW (18:15)'));

  await user.click(await screen.findByLabelText('Month'));
  await waitFor(() => expect(screen.getByTestId('summary-peak').textContent).toContain('up to 3.20 kW (10 Mar, 18:15)'));
  expect(requests).toBe(2);
});
