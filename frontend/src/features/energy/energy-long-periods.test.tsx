import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aDay, anUpdate } from '@/testing/days';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy, type KwhAt } from '@/testing/energy-server';
import { inAddress, openApp, push } from '@/testing/open-app';
import { bars, choose, figureOf, heading, rows } from '@/testing/screen';
import { answer } from '@/testing/server';

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat'), import('./controls/day-calendar')]));

const FLAT = aMonitoredDevice({ name: 'Flat', first_hour: '2025-06-10T00:00:00Z' });
const WORKSHOP = aMonitoredDevice({ name: 'Workshop', device_id: '5c189959-e674-4eaa-8ebb-98fd953657c5', first_hour: '2026-01-01T00:00:00Z' });
const SINCE = Date.parse('2025-06-10T00:00:00Z');

/** A quarter of a kWh in each hour since 10 June 2025 in the flat, 0.1 in the workshop since 2026; none on 12 February. */
const kwhAt: KwhAt = (at, id) => {
  if (at.toISOString().startsWith('2026-02-12') || at.getTime() < SINCE) return null;
  if (id === FLAT.device_id) return 0.25;
  return at.getUTCFullYear() < 2026 ? null : 0.1;
};
const steady = () => serveEnergy([FLAT], kwhAt);
const at = (query: string) => `/energy?device=${FLAT.device_id}&${query}`;
const total = async (kwh: string) => {
  await waitFor(async () => expect(await figureOf('summary-total')).toBe(kwh));
  // Drawn after the figures.
  await screen.findByTestId('date-picker');
};

async function preset(user: Awaited<ReturnType<typeof openApp>>, name: string) {
  await user.click(await screen.findByTestId('date-picker'));
  await user.click(await screen.findByRole('button', { name }));
}

it.each([
  // From Saturday until now, half past three on Friday: six days of 6 kWh and sixteen hours.
  ['Last 7 days', '7days', '40', 7],
  ['Last 30 days', '30days', '178', 30],
  ['This quarter', 'quarter', '466', 78],
  ['Last quarter', 'quarter', '552', 92],
] as const)('%s: one click shows the period, and the address names it', async (name, period, kwh, slots) => {
  steady();
  const user = await openApp(at('date=2026-03-20'));
  await total('4');

  await preset(user, name);

  await total(kwh);
  expect(inAddress('period')).toBe(period);
  expect(Object.keys(await bars('slot-bar'))).toHaveLength(slots);
  await user.click(await screen.findByTestId('date-picker'));
  expect((await screen.findByRole('button', { name })).getAttribute('aria-pressed')).toBe('true');
});

it('all time begins with the first reading, has no period before it and is not compared with one', async () => {
  steady();
  const user = await openApp(at('date=2026-03-20'));
  await total('4');

  await preset(user, 'All time');

  await waitFor(() => expect(heading()).toBe('10 Jun 2025 – 20 Mar 2026'));
  // 283 days and sixteen hours, less 12 February.
  await total('1696');
  expect((await rows('slot-table')).map(([name]) => name)).toEqual([
    '10 – 30 Jun 2025',
    ...['July', 'August', 'September', 'October', 'November', 'December'].map((month) => `${month} 2025`),
    'January 2026',
    'February 2026',
    '1 – 20 Mar 2026',
  ]);
  expect(inAddress('period')).toBe('all');
  expect((await screen.findByTestId('date-picker')).textContent).toBe('All time');
  expect((await screen.findByTestId('date-prev')).getAttribute('aria-disabled')).toBe('true');
  expect((await screen.findByTestId('date-next')).getAttribute('aria-disabled')).toBe('true');
  await user.keyboard('[[');
  expect(heading()).toBe('10 Jun 2025 – 20 Mar 2026');
  expect(screen.queryByTestId('compare-switch')).toBeNull();
  expect(screen.getByTestId('summary-total').textContent).not.toContain('than');

  // A click on a bar goes a level down, to the whole month.
  fireEvent.keyDown(screen.getByTestId('period-chart'), { key: 'Home' });
  fireEvent.keyDown(screen.getByTestId('period-chart'), { key: 'Enter' });
  await waitFor(() => expect(heading()).toBe('June 2025'));
});

it('an own range is entered in two fields, and steps go by its length', async () => {
  steady();
  const user = await openApp(at('date=2026-03-20'));
  await total('4');

  await preset(user, 'Custom range');
  const form = within(await screen.findByTestId('own-range'));
  fireEvent.change(form.getByLabelText('From'), { target: { value: '2026-02-01' } });
  fireEvent.change(form.getByLabelText('To'), { target: { value: '2026-02-10' } });
  await user.click(form.getByRole('button', { name: 'Show' }));

  await total('60');
  expect(heading()).toBe('1 – 10 Feb 2026');
  expect(['period', 'from', 'to'].map(inAddress)).toEqual(['range', '2026-02-01', '2026-02-10']);
  await user.click(await screen.findByTestId('date-prev'));
  await waitFor(() => expect(heading()).toBe('22 – 31 Jan 2026'));
  expect(['period', 'from', 'to'].map(inAddress)).toEqual(['range', '2026-01-22', '2026-01-31']);
  await user.click(await screen.findByTestId('date-next'));
  await user.click(await screen.findByTestId('date-next'));
  await waitFor(() => expect(heading()).toBe('11 – 20 Feb 2026'));
  expect(screen.getByTestId('summary-total').textContent).toContain('864 of 960 quarter-hours measured');

  await user.click(screen.getByLabelText('Month'));
  await waitFor(() => expect(heading()).toBe('February 2026'));
  expect(['period', 'from', 'to'].map(inAddress)).toEqual(['month', null, null]);
});

it.each([
  ['2026-02-10', '2026-02-01', 'The end is before the start. Choose a later date.'],
  ['', '2026-02-01', 'Enter a date from 1 January 1970 to 20 March 2026.'],
  ['2026-02-10', '2027-02-01', 'Enter a date from 1 January 1970 to 20 March 2026.'],
])('an own range from %j to %j is not shown, and the field says why', async (from, to, error) => {
  steady();
  const user = await openApp(at('date=2026-03-20'));
  await total('4');
  await preset(user, 'Custom range');
  const form = within(await screen.findByTestId('own-range'));

  fireEvent.change(form.getByLabelText('From'), { target: { value: from } });
  fireEvent.change(form.getByLabelText('To'), { target: { value: to } });
  await user.click(form.getByRole('button', { name: 'Show' }));

  expect(form.getByText(error)).toBeTruthy();
  expect(inAddress('period')).toBeNull();
});

it('three days are shown in hours, which name their day and open their readings', async () => {
  steady();
  answer('/api/monitoring/data/', () => ({
    next: null,
    previous: null,
    results: [{ timestamp: '2026-02-02T05:00:00Z', measurement_value: 0.25, revision: 0 }],
  }));
  await openApp(at('period=range&from=2026-02-01&to=2026-02-03'));

  expect(Object.keys(await bars('hour-bar'))).toHaveLength(72);
  expect((await rows('hour-table'))[29]?.[0]).toBe('Mon 2 Feb, 05:00 – 06:00');
  const chart = screen.getByTestId('hourly-chart');
  fireEvent.keyDown(chart, { key: 'Home' });
  for (let hour = 0; hour < 29; hour += 1) fireEvent.keyDown(chart, { key: 'ArrowRight' });
  fireEvent.keyDown(chart, { key: 'Enter' });
  expect((await screen.findByTestId('reading')).textContent).toContain('05:00:00');
  expect([inAddress('date'), inAddress('period')]).toEqual(['2026-02-02', null]);
});

it('a range is compared day by day with as many days before, and with its dates a year before', async () => {
  serveEnergy([{ ...FLAT, first_hour: '2024-01-01T00:00:00Z' }], (hour) => (hour.getTime() < Date.UTC(2026, 1, 1) ? 0.2 : 0.25));
  const user = await openApp(at('period=range&from=2026-02-01&to=2026-02-10&compare=previous'));

  await total('60');
  expect((await screen.findByTestId<HTMLInputElement>('compare-with')).value).toBe('Previous 10 days');
  expect(screen.getByTestId('summary-total').textContent).toContain('12.0 kWh more than 22 – 31 Jan, over the same 10 days');
  await choose(user, 'compare-with', 'Same dates, previous year');
  await waitFor(() => expect(screen.getByTestId('summary-total').textContent).toContain('than 1 – 10 Feb 2025'));
  await waitFor(async () => expect((await rows('slot-table'))[0]?.slice(0, 4)).toEqual(['Sun 1 Feb', '6.00', '4.80', '1.20']));
});

it('parts of months are compared with as many days of the time before', async () => {
  serveEnergy([{ ...FLAT, first_hour: '2024-01-01T00:00:00Z' }], () => 0.25);
  await openApp(at('period=range&from=2025-08-15&to=2025-12-20&compare=previous'));

  await total('768');
  // 17 days of August beside 17 days from 9 April on.
  await waitFor(async () => expect((await rows('slot-table'))[0]?.slice(0, 4)).toEqual(['15 – 31 Aug 2025', '102', '102', '0']));
});

it('a range before the first reading says so and leads to the range that begins with it', async () => {
  steady();
  const user = await openApp(at('period=range&from=2025-05-01&to=2025-05-10'));

  expect((await screen.findByTestId('no-data')).textContent).toContain('The first reading arrived on 10 June 2025.');
  await user.click(screen.getByTestId('no-data-go'));
  await waitFor(() => expect(heading()).toBe('10 – 19 Jun 2025'));
  await total('60');
});

it('a range to come says so', async () => {
  steady();
  await openApp(at('period=range&from=2026-05-01&to=2026-05-10'));

  expect((await screen.findByTestId('no-data')).textContent).toContain('This period is in the future.');
});

it('a quarter has a heat map of all its days, which are more than one answer holds', async () => {
  steady();
  await openApp(at('period=quarter&date=2026-03-20'));

  const map = await screen.findByTestId('heat-map');
  // 77 days until yesterday without 12 February, and sixteen hours of today.
  await waitFor(() => expect(map.querySelectorAll('td[data-kwh="0.25"]')).toHaveLength(77 * 24 + 16));
  expect(map.querySelectorAll('tbody tr:first-child td')).toHaveLength(90);
});

it('a live update refetches the period that holds its hour, and no other', async () => {
  steady();
  const requests: string[] = [];
  answer('/api/monitoring/series/', (query) => {
    requests.push(query.get('start') ?? '');
    return undefined;
  });
  await openApp(at('period=7days&date=2026-03-20'));
  await waitFor(() => expect(screen.getByTestId('live-status').dataset.status).toBe('live'));
  await total('40');
  await waitFor(() => expect(screen.getByTestId('period-view').getAttribute('aria-busy')).toBe('false'));
  await screen.findByTestId('heat-map');
  requests.length = 0;

  push(anUpdate(aDay('2026-03-20', 'UTC', () => null), 15, 0.5));

  await waitFor(() => expect(requests).not.toHaveLength(0), { timeout: 15_000 });
  expect(new Set(requests)).toEqual(new Set(['2026-03-14T00:00:00.000Z']));
});

it('all devices over all time begin with the first of them and rank by their energy', async () => {
  serveEnergy([FLAT, WORKSHOP], kwhAt);
  await openApp('/energy?device=all&period=all');

  await waitFor(() => expect(heading()).toBe('10 Jun 2025 – 20 Mar 2026'));
  // The workshop: 78 days of 2.4 kWh and sixteen hours.
  await total('1882.4');
  expect((await screen.findAllByTestId('ranked')).map(({ textContent }) => textContent)).toEqual(['Flat1,69690%', 'Workshop18610%']);
});
