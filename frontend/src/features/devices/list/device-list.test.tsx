import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { BulkReport } from '@/lib/transport/admin-types';
import { aListedDevice, aMonitoredDevice } from '@/testing/devices';
import { inAddress, openApp } from '@/testing/open-app';
import { ADMIN, anAccount, CLIENT } from '@/testing/people';
import { choose, rows, setWidth } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

beforeAll(() => import('./devices-page'));
beforeEach(() => setWidth(1440));

const idOf = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const DEVICES = [1, 2, 3].map((n) => aListedDevice({ id: idOf(n), name: `Flat ${n}`, serial_number: `SN-${n}` }));
const MONITORED = DEVICES.map(({ id, name }, index) =>
  aMonitoredDevice({
    device_id: id,
    name,
    state: (['live', 'silent', 'never'] as const)[index] ?? 'never',
    last_reading_at: index === 2 ? null : new Date(Date.now() - (index === 0 ? 240_000 : 86_400_000 * 3)).toISOString(),
  }),
);

/** Answer both lists as the services do; returns the queries of each. */
function serveLists(devices = DEVICES, count = devices.length) {
  const queries = { devices: [] as URLSearchParams[], monitoring: [] as URLSearchParams[] };
  answer('/api/users/', () => pageOf([anAccount(CLIENT)]));
  answer('/api/devices/', (query) => {
    queries.devices.push(query);
    const ids = query.get('id')?.split(',');
    const chosen = devices.filter(({ id }) => ids?.includes(id) ?? true);
    return { ...pageOf(chosen), count: ids === undefined ? count : chosen.length };
  });
  answer('/api/monitoring/devices/', (query) => {
    queries.monitoring.push(query);
    const ids = query.get('id')?.split(',');
    const state = query.get('state');
    return pageOf(MONITORED.filter((device) => (ids?.includes(device.device_id) ?? true) && (state === null || device.state === state)));
  });
  return queries;
}

function serveBulk(report: Partial<BulkReport> = {}) {
  const sent: unknown[] = [];
  server.use(
    http.post('/api/devices/bulk/', async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ action: 'deploy', done: 2, unchanged: 0, rejected: 0, results: [], ...report });
    }),
  );
  return sent;
}

const names = async () => (await rows('devices')).map(([, name]) => name);
const wayOf = (field: string) => screen.getByTestId(`sort-${field}`).closest('th')?.getAttribute('aria-sort');
const pick = async (name: string) => (await screen.findByLabelText(`Select ${name}`)) as HTMLInputElement;

it('each row says whether the meter sends, and how old its last reading is', async () => {
  serveLists();
  await openApp('/manage/devices', ADMIN);

  await waitFor(async () => expect((await rows('devices')).map((row) => row[5])).toEqual(['Live4 min ago', 'Silent3 days ago', 'Never seen']));
});

it('the list of silent meters comes from the service that knows the readings, with the rows of the other', async () => {
  const queries = serveLists();
  const user = await openApp('/manage/devices', ADMIN);
  await names();

  await choose(user, 'filter-state', 'Silent');

  await waitFor(async () => expect(await names()).toEqual(['Flat 2']));
  expect(inAddress('state')).toBe('silent');
  const query = queries.monitoring.find((each) => each.has('state'));
  expect([query?.get('state'), query?.get('ordering')]).toEqual(['silent', 'last_reading_at']);
  expect(screen.queryByTestId('sort-serial_number')).toBeNull();
});

it('a click on the head of a column sorts by it, a second one the other way round', async () => {
  const queries = serveLists();
  const user = await openApp('/manage/devices', ADMIN);
  await names();
  await user.click(screen.getByTestId('sort-location'));
  await waitFor(() => expect(queries.devices.at(-1)?.get('ordering')).toBe('location'));
  expect(wayOf('location')).toBe('ascending');
  await user.click(screen.getByTestId('sort-location'));

  await waitFor(() => expect(queries.devices.at(-1)?.get('ordering')).toBe('-location'));
  expect(wayOf('location')).toBe('descending');
  expect(inAddress('ordering')).toBe('-location');
});

it('an order by last reading comes from the service that knows the readings', async () => {
  const queries = serveLists();
  const user = await openApp('/manage/devices', ADMIN);
  await names();

  await user.click(screen.getByTestId('sort-last_reading_at'));

  await waitFor(() => expect(queries.monitoring.some((each) => each.get('ordering') === 'last_reading_at')).toBe(true));
  expect(await names()).toEqual(['Flat 1', 'Flat 2', 'Flat 3']);
});

it('an order in the address that the list does not have is left out', async () => {
  const queries = serveLists();
  await openApp('/manage/devices?ordering=password', ADMIN);

  await names();
  expect(queries.devices[0]?.get('ordering')).toBe('name');
});

it('the list names the users of a device, and counts those for whom there is no room', async () => {
  const users = ['ana', 'ion', 'maria'].map((username, n) => ({ user_id: idOf(n), username }));
  serveLists([aListedDevice({ assigned_to: users, assigned_count: 7 }), aListedDevice({ id: idOf(2), assigned_to: users.slice(0, 1), assigned_count: 1 })]);
  await openApp('/manage/devices', ADMIN);

  expect((await rows('devices')).map((row) => row[7])).toEqual(['ana, ion and 5 more', 'ana']);
});

it('chosen devices are deployed in one request', async () => {
  serveLists();
  const sent = serveBulk();
  const user = await openApp('/manage/devices', ADMIN);

  await user.click(await pick('Flat 1'));
  await user.click(await pick('Flat 3'));
  expect(within(screen.getByTestId('bulk')).getByText('2 selected')).toBeTruthy();
  await user.click(screen.getByTestId('bulk-deploy'));
  await user.type(await screen.findByLabelText('Location'), 'Stair B');
  await user.click(screen.getByTestId('dialog-submit'));

  expect((await screen.findByTestId('done')).textContent).toBe('2 devices changed.');
  expect(sent).toEqual([{ action: 'deploy', ids: [idOf(1), idOf(3)], location: 'Stair B', notes: '' }]);
  expect(screen.queryByTestId('bulk')).toBeNull();
});

it('all devices that match are chosen by the filters, with the number that the user saw', async () => {
  serveLists(DEVICES, 312);
  const sent = serveBulk({ done: 312 });
  const user = await openApp('/manage/devices?status=in_stock', ADMIN);
  await names();

  await user.click(await screen.findByTestId('select-page'));
  await user.click(await screen.findByTestId('select-all'));
  expect(screen.getByText('312 selected')).toBeTruthy();
  await user.click(screen.getByTestId('bulk-recall'));
  await user.click(await screen.findByTestId('dialog-submit'));

  await waitFor(() => expect(sent).toEqual([{ action: 'recall', filter: { status: 'in_stock' }, count: 312, notes: '' }]));
});

it('devices that are rejected are named with the reason', async () => {
  serveLists();
  serveBulk({
    done: 1,
    rejected: 1,
    results: [
      { id: idOf(1), name: 'Flat 1', result: 'done' },
      { id: idOf(2), name: 'Flat 2', result: 'rejected', code: 'transition_not_allowed', detail: 'A device that is retired cannot become deployed.' },
    ],
  });
  const user = await openApp('/manage/devices', ADMIN);
  await names();
  await user.click(await screen.findByTestId('select-page'));
  await user.click(screen.getByTestId('bulk-deploy'));
  await user.click(await screen.findByTestId('dialog-submit'));

  const report = await screen.findByTestId('bulk-report');
  expect(report.textContent).toContain('1 device changed.');
  expect(within(report).getByRole('listitem').textContent).toBe('Flat 2: A device that is retired cannot become deployed.');
});

it('devices are assigned to a user, who must be chosen first', async () => {
  serveLists();
  answer(`/api/users/${CLIENT.id}/`, () => anAccount(CLIENT));
  const sent = serveBulk({ action: 'assign' });
  const user = await openApp('/manage/devices', ADMIN);
  await user.click(await pick('Flat 1'));
  await user.click(screen.getByTestId('bulk-assign'));
  await user.click(await screen.findByTestId('dialog-submit'));
  expect((await screen.findByRole('alert')).textContent).toBe('This field is required.');
  expect(sent).toEqual([]);

  await choose(user, 'bulk-user', 'alice');
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(sent).toEqual([{ action: 'assign', ids: [idOf(1)], user_id: CLIENT.id, notes: '' }]));
});

it('nothing is done when the list has changed, and the page says so', async () => {
  serveLists(DEVICES, 312);
  server.use(http.post('/api/devices/bulk/', () => problem(409, 'list_changed', { count: 313, detail: 'x' })));
  const user = await openApp('/manage/devices', ADMIN);
  await names();
  await user.click(await screen.findByTestId('select-page'));
  await user.click(await screen.findByTestId('select-all'));
  await user.click(screen.getByTestId('bulk-deploy'));
  await user.click(await screen.findByTestId('dialog-submit'));

  expect((await screen.findByTestId('form-error')).textContent).toContain('313 devices match now');
});

it('another filter clears the choice', async () => {
  serveLists();
  const user = await openApp('/manage/devices', ADMIN);
  await user.click(await pick('Flat 1'));
  expect(screen.getByTestId('bulk')).toBeTruthy();

  await choose(user, 'filter-status', 'Deployed');

  await waitFor(() => expect(screen.queryByTestId('bulk')).toBeNull());
});

it('on a tablet the rows are cards: nothing takes the focus in heads that nobody sees, and a list sorts them', async () => {
  setWidth(768);
  const queries = serveLists();
  const user = await openApp('/manage/devices', ADMIN);
  await names();

  expect(screen.getByTestId('devices').querySelectorAll('thead button, thead input')).toHaveLength(0);
  await choose(user, 'sort', 'Location, descending');
  await waitFor(() => expect(queries.devices.at(-1)?.get('ordering')).toBe('-location'));
  await user.click(screen.getByTestId('select-page-of-cards'));
  expect(screen.getByText('3 selected')).toBeTruthy();
});
