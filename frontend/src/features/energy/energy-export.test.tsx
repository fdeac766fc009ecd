import { screen, waitFor } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { bars, rows } from '@/testing/screen';
import { answer, http, problem, server } from '@/testing/server';

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat'), import('@/lib/files/xlsx')]));

const FLAT = aMonitoredDevice({ name: 'Flat', first_hour: '2025-01-01T00:00:00Z' });
const WORKSHOP = aMonitoredDevice({ name: '=Workshop', device_id: '5c189959-e674-4eaa-8ebb-98fd953657c5', first_hour: '2025-01-01T00:00:00Z' });
const MONTH = 'date=2026-02-10&period=month';

let saved: { name: string; content: Blob }[] = [];
beforeEach(() => {
  saved = [];
  const blobs = new Map<string, Blob>();
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    blobs.set(`blob:${blobs.size}`, blob as Blob);
    return `blob:${blobs.size - 1}`;
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    saved.push({ name: this.download, content: blobs.get(this.href) ?? new Blob() });
  });
});

const serve = () =>
  serveEnergy([FLAT, WORKSHOP], (at, id) => (at.toISOString().startsWith('2026-02-12') ? null : id === FLAT.device_id ? 0.25 : 0.100_001));

/** Choose an item of the menu; returns the file that is saved. */
async function exported(user: Awaited<ReturnType<typeof openApp>>, item: string) {
  const [menu] = await screen.findAllByTestId('export');
  if (menu === undefined) throw new Error('no menu');
  await user.click(menu);
  await user.click(await screen.findByText(item));
  await waitFor(() => expect(saved).not.toHaveLength(0));
  return saved.pop() ?? { name: '', content: new Blob() };
}

async function lines({ content }: { content: Blob }): Promise<string[][]> {
  const text = await content.text();
  return text.trimEnd().split('\r\n').map((line) => line.replace('\uFEFF', '').split(','));
}

it('a month is saved with local time, instant, device, unit and quality, row by row as in its table', async () => {
  serve();
  const user = await openApp(`/energy?device=${FLAT.device_id}&${MONTH}&compare=previous`);
  await bars('slot-bar');
  await waitFor(async () => expect((await rows('slot-table'))[0]?.slice(1, 3)).toEqual(['6.00', '6.00']));

  const file = await exported(user, 'Table as CSV');

  expect(file.name).toBe('flat_2026-02-01_2026-02-28.csv');
  const [heads, ...body] = await lines(file);
  expect(heads).toEqual(
    [
      'Local start (UTC)', 'Local end (UTC)', 'Start (UTC)', 'End (UTC)', 'Device', 'Device ID', 'Energy', 'Unit', 'Quality', 'Readings',
      'Hours with data', 'Hours expected', 'Estimated part of the energy', 'Quarter-hours measured', 'Quarter-hours estimated',
      'Quarter-hours missing', 'Compared with: January 2026 (kWh)', 'Difference to January 2026 (kWh)',
    ].map((head) => `"${head}"`),
  );
  expect(body[0]).toEqual([
    '2026-02-01 00:00:00', '2026-02-02 00:00:00', '2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z', '"Flat"', `"${FLAT.device_id}"`,
    '6', '"kWh"', '"complete"', '144', '24', '24', '0', '96', '0', '0', '6', '0',
  ]);
  expect(body[11]?.slice(6)).toEqual(['', '"kWh"', '"no readings"', '0', '0', '24', '', '0', '0', '96', '6', '']);
  const table = await rows('slot-table');
  expect(body.map((row) => (row[6] === '' ? '—' : Number(row[6]).toFixed(2)))).toEqual(table.map((row) => row[1]));
});

it('all devices are saved as one row each, as a ranking, and together as a workbook', async () => {
  serve();
  const user = await openApp(`/energy?device=all&${MONTH}`);
  await bars('slot-bar');

  const perDevice = await lines(await exported(user, 'One row per device as CSV'));
  expect(perDevice).toHaveLength(1 + 2 * 28);
  expect(perDevice[1]?.slice(4, 9)).toEqual(['"Flat"', `"${FLAT.device_id}"`, '6', '"kWh"', '"complete"']);
  // A name that a spreadsheet would take for a formula, and an exact decimal.
  expect(perDevice[29]?.slice(4, 9)).toEqual([`"'=Workshop"`, `"${WORKSHOP.device_id}"`, '2.400024', '"kWh"', '"complete"']);

  const ranking = await lines(await exported(user, 'Total of each device as CSV'));
  expect(ranking.slice(1)).toEqual([
    ['"Flat"', `"${FLAT.device_id}"`, '162', '"kWh"', '71.4%'],
    [`"'=Workshop"`, `"${WORKSHOP.device_id}"`, '64.800648', '"kWh"', '28.6%'],
  ]);

  const table = await lines(await exported(user, 'Table as CSV'));
  expect(table[0]?.slice(-2)).toEqual(['"Flat (kWh)"', `"'=Workshop (kWh)"`]);
  expect(table[1]?.slice(-2)).toEqual(['6', '2.400024']);
  expect(table[1]?.[4]).toBe('"All my devices"');

  const workbook = await exported(user, 'Excel workbook');
  expect(workbook.name).toBe('all-my-devices_2026-02-01_2026-02-28.xlsx');
  expect(workbook.content.size).toBeGreaterThan(1_000);
});

it('a device that is switched off is not in the file', async () => {
  serve();
  const user = await openApp(`/energy?device=all&${MONTH}&hide=${WORKSHOP.device_id}`);
  await bars('slot-bar');

  expect(await lines(await exported(user, 'One row per device as CSV'))).toHaveLength(1 + 28);
});

const reading = (minute: number) => ({ timestamp: `2026-02-10T08:${String(minute).padStart(2, '0')}:00Z`, measurement_value: 0.05, revision: 0 });

it('all readings of an hour are saved, also those that the page does not list', async () => {
  serve();
  answer('/api/monitoring/data/', (query) =>
    query.get('cursor') === null
      ? { next: 'https://ems.example/api/monitoring/data/?cursor=2', previous: null, results: [reading(0)] }
      : { next: null, previous: null, results: [reading(10)] },
  );
  const user = await openApp(`/energy?device=${FLAT.device_id}&date=2026-02-10&hour=2026-02-10T08:00:00Z`);
  await screen.findByTestId('reading');
  const menus = await screen.findAllByTestId('export');
  await user.click(menus.at(-1) ?? document.body);
  await user.click(await screen.findByText('Table as CSV'));
  await waitFor(() => expect(saved).toHaveLength(1));

  expect(saved[0]?.name).toBe('flat_2026-02-10-08-00.csv');
  expect((await lines(saved[0] ?? { content: new Blob() })).slice(1)).toEqual(
    ['08:00:00', '08:10:00'].map((time) => [
      `2026-02-10 ${time}`, `2026-02-10T${time}Z`, '"Flat"', `"${FLAT.device_id}"`, '0.05', '"kWh"', '0',
    ]),
  );
});

it('a file that cannot be made is said beside the menu', async () => {
  serve();
  answer('/api/monitoring/data/', () => ({ next: 'https://ems.example/api/monitoring/data/?cursor=2', previous: null, results: [reading(0)] }));
  const user = await openApp(`/energy?device=${FLAT.device_id}&date=2026-02-10&hour=2026-02-10T08:00:00Z`);
  await screen.findByTestId('reading');
  server.use(http.get('/api/monitoring/data/', () => problem(400, 'invalid')));
  const menus = await screen.findAllByTestId('export');
  await user.click(menus.at(-1) ?? document.body);
  await user.click(await screen.findByText('Table as CSV'));

  expect((await screen.findByRole('alert')).textContent).toBe('The file could not be created. Try again.');
  expect(saved).toHaveLength(0);
});
