import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { inAddress, openApp } from '@/testing/open-app';
import { bars, figureOf, heading } from '@/testing/screen';
import { answer, http, server } from '@/testing/server';

const DEVICE = aMonitoredDevice();
const FEBRUARY = `/energy?device=${DEVICE.device_id}&date=2026-02-10&period=month`;

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

/** A quarter of a kWh in each hour: 6 kWh a day. */
const steady = () => serveEnergy([DEVICE], () => 0.25);

const chart = () => screen.getByTestId('period-chart');
const total = async (kwh: string) => {
  await waitFor(async () => expect(await figureOf('summary-total')).toBe(kwh));
  // Drawn after the figures.
  await screen.findByTestId('date-picker');
};

it('a tab shows another period with its sum, and the address names the period', async () => {
  steady();
  const user = await openApp(`/energy?device=${DEVICE.device_id}&date=2026-02-10`);
  await total('6');
  expect(Object.keys(await bars('hour-bar'))).toHaveLength(24);

  for (const [tab, kwh, slots] of [
    ['Week', '42', 7],
    ['Month', '168', 28],
    // January, February, and March until now.
    ['Year', '472', 3],
  ] as const) {
    await user.click(screen.getByLabelText(tab));
    await total(kwh);
    expect(Object.keys(await bars('slot-bar'))).toHaveLength(slots);
    expect(inAddress('period')).toBe(tab.toLowerCase());
  }
  await user.click(screen.getByLabelText('Day'));
  await total('6');
  expect(inAddress('period')).toBeNull();
});

it('arrow keys on the tabs change the period', async () => {
  steady();
  const user = await openApp(FEBRUARY);
  await total('168');

  act(() => screen.getByLabelText('Month').focus());
  await user.keyboard('{ArrowRight}');

  await total('472');
  expect(inAddress('period')).toBe('year');
});

it('the keys [ and ] and the arrows go to the period before and after, and not beyond today', async () => {
  steady();
  const user = await openApp(FEBRUARY);
  await total('168');

  await user.keyboard('[[');
  await total('186');
  expect(inAddress('date')).toBe('2026-01-10');
  await user.keyboard('{ArrowRight}');
  expect(inAddress('date')).toBe('2026-02-10');
  await user.keyboard(']]');
  expect(inAddress('date')).toBe('2026-03-10');
  await user.keyboard(']]');
  expect(inAddress('date')).toBe('2026-03-10');
  await total('118');
});

it('bars lead down from a year to an hour, and the breadcrumb leads up again', async () => {
  steady();
  answer('/api/monitoring/data/', () => ({
    next: null,
    previous: null,
    results: [{ timestamp: '2026-02-01T00:00:00Z', measurement_value: 0.25, revision: 0 }],
  }));
  const user = await openApp(`/energy?device=${DEVICE.device_id}&date=2026-03-10&period=year`);
  await bars('slot-bar');

  fireEvent.keyDown(chart(), { key: 'Home' });
  fireEvent.keyDown(chart(), { key: 'ArrowRight' });
  fireEvent.keyDown(chart(), { key: 'Enter' });
  await total('168');
  expect(heading()).toBe('February 2026');
  fireEvent.keyDown(chart(), { key: 'Home' });
  fireEvent.keyDown(chart(), { key: 'Enter' });
  await bars('hour-bar');
  expect(heading()).toBe('Sun 1 Feb 2026');
  fireEvent.keyDown(screen.getByTestId('hourly-chart'), { key: 'Home' });
  fireEvent.keyDown(screen.getByTestId('hourly-chart'), { key: 'Enter' });
  expect((await screen.findByTestId('reading')).textContent).toContain('00:00:00');
  expect(heading()).toBe('00:00');

  await user.click(screen.getByText('Sun 1 Feb 2026', { selector: 'nav button' }));
  expect(screen.queryByTestId('hour-readings')).toBeNull();
  await user.click(screen.getByText('February 2026', { selector: 'nav button' }));
  expect(heading()).toBe('February 2026');
  await user.click(screen.getByText('2026', { selector: 'nav button' }));
  expect(heading()).toBe('2026');
});

it('a date is chosen in the calendar', async () => {
  steady();
  const user = await openApp(FEBRUARY);
  await total('168');

  await user.click(await screen.findByTestId('date-picker'));
  await user.click(await screen.findByText('Jan', { selector: '[role=dialog] button' }));

  await total('186');
  expect(heading()).toBe('January 2026');
});

it('an address with all choices opens the view that it names', async () => {
  steady();
  await openApp(`${FEBRUARY}&compare=year&view=table&heat=weekdays`);

  await total('168');
  expect((await screen.findByTestId<HTMLInputElement>('compare-with')).value).toBe('Same month, previous year');
  expect(screen.queryByTestId('period-chart')).toBeNull();
  expect((await screen.findByTestId('heat-map')).querySelectorAll('td')).toHaveLength(24 * 7);
});

it('the former period stays in sight until the next one is complete', async () => {
  steady();
  const user = await openApp(`/energy?device=${DEVICE.device_id}&date=2026-02-20&period=month`);
  await total('168');
  const gate = new EventTarget();
  const opened = new Promise<void>((resolve) => gate.addEventListener('open', () => resolve()));
  // No answer of its own: the request waits, then gets the usual one.
  server.use(http.get('/api/monitoring/series/', () => opened.then(() => undefined)));

  // January is known already: the comparison has read it.
  await user.click(await screen.findByTestId('date-prev'));
  await total('186');
  await user.click(await screen.findByTestId('date-prev'));

  expect(await figureOf('summary-total')).toBe('186');
  expect(screen.getByTestId('period-view').getAttribute('aria-busy')).toBe('true');
  gate.dispatchEvent(new Event('open'));
  await waitFor(() => expect(screen.getByTestId('period-view').getAttribute('aria-busy')).toBe('false'));
  expect(heading()).toBe('December 2025');
});
