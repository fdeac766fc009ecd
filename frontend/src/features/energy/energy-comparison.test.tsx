import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy, type KwhAt } from '@/testing/energy-server';
import { inAddress, openApp } from '@/testing/open-app';
import { bars, choose, legend, rows } from '@/testing/screen';

const FLAT = aMonitoredDevice({ name: 'Flat' });
const WORKSHOP = aMonitoredDevice({ name: 'Workshop', device_id: '5c189959-e674-4eaa-8ebb-98fd953657c5' });
const FEBRUARY = `/energy?device=${FLAT.device_id}&date=2026-02-10&period=month`;

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

/** The flat uses 6 kWh a day from February on, 4.8 before; it measured nothing on 12 February. */
const kwhAt: KwhAt = (at, id) => {
  if (id === WORKSHOP.device_id) return 0.1;
  if (at.toISOString().startsWith('2026-02-12')) return null;
  return at.getTime() < Date.UTC(2026, 1, 1) ? 0.2 : 0.25;
};

/** Return the parts of the line above the running total. */
async function runningReadout(): Promise<(string | null)[]> {
  const line = (await screen.findAllByTestId('readout'))[1]?.querySelectorAll('p > span') ?? [];
  return [...line].map(({ textContent }) => textContent);
}

it('a comparison covers only the days that both months have', async () => {
  serveEnergy([FLAT, WORKSHOP], kwhAt);
  const user = await openApp(FEBRUARY);
  await bars('slot-bar');
  expect(document.querySelector('.ems-comparison')).toBeNull();

  await user.click(await screen.findByTestId('compare-switch'));

  await waitFor(() => expect(document.querySelector('.ems-comparison')).not.toBeNull());
  expect(inAddress('compare')).toBe('previous');
  // 27 days of 6 kWh beside 27 of 4.8.
  expect(screen.getByTestId('summary-total').textContent).toContain('32.4 kWh more than January, over the same 27 days');
  expect(await runningReadout()).toEqual(['162 kWh', 'January 2026: 134 kWh', 'over the same 27 days 162 and 130 kWh, 25% more']);
  const table = await rows('slot-table');
  expect(table[0]?.slice(0, 4)).toEqual(['Sun 1 Feb', '6.00', '4.80', '1.20']);
  expect(table[0]?.[4]).toBe('25%');
  expect(table[11]?.slice(0, 4)).toEqual(['Thu 12 Feb', '—', '4.80', '—']);
});

it('a year whose comparison begins later says so at its line, and its card compares the same months', async () => {
  serveEnergy([{ ...FLAT, first_hour: '2024-07-01T00:00:00Z' }], (at) => (at.getTime() < Date.UTC(2024, 6, 1) ? null : 0.25));
  await openApp(`/energy?device=${FLAT.device_id}&date=2025-06-10&period=year&compare=previous`);
  await bars('slot-bar');

  await waitFor(async () => expect(await legend(1)).toEqual(['This year', '2024, from July 2024']));
  expect(screen.getByTestId('summary-total').textContent).toContain('About the same as 2024 (0 kWh), over the same 6 months');
  expect(await runningReadout()).toEqual(['2,190 kWh', '2024: 1,104 kWh', 'over the same 6 months 1,104 and 1,104 kWh']);
});

it('a month is compared with that of another device, and the switch ends it', async () => {
  serveEnergy([FLAT, WORKSHOP], kwhAt);
  const user = await openApp(`${FEBRUARY}&compare=previous`);
  await bars('slot-bar');

  await choose(user, 'compare-with', 'Workshop');

  await waitFor(() => expect(inAddress('compare')).toBe(WORKSHOP.device_id));
  await waitFor(async () => expect((await rows('slot-table'))[0]?.slice(1, 3)).toEqual(['6.00', '2.40']));
  expect(screen.getAllByText('Workshop', { selector: 'th' })).not.toHaveLength(0);

  await user.click(await screen.findByTestId('compare-switch'));
  await waitFor(() => expect(inAddress('compare')).toBeNull());
  await waitFor(() => expect(document.querySelector('.ems-comparison')).toBeNull());
});

it.each([
  ['the day before', 'previous', 'Mon 9 Feb 2026'],
  ['the day a year before', 'year', 'Mon 10 Feb 2025'],
])('the legend of a day names %s while they are compared, and what is measured always', async (_, compare, name) => {
  serveEnergy([{ ...FLAT, first_hour: '2025-01-01T00:00:00Z' }], () => 0.25);
  const user = await openApp(`/energy?device=${FLAT.device_id}&date=2026-02-10`);
  await bars('hour-bar');
  expect(await legend()).toEqual(['Measured']);

  await user.click(await screen.findByTestId('compare-switch'));
  if (compare === 'year') {
    await choose(user, 'compare-with', 'Same day, previous year');
  }

  await waitFor(async () => expect(await legend()).toEqual(['Measured', name]));
  await waitFor(async () => expect(await legend(1)).toEqual(['This day', name]));
});
