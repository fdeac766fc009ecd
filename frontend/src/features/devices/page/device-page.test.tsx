import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { Assignment, Device, LogEntry } from '@/lib/transport/admin-types';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { aDevice, aMeter, aMonitoredDevice } from '@/testing/devices';
import { openApp } from '@/testing/open-app';
import { ADMIN, anAccount, CLIENT } from '@/testing/people';
import { choose, errorBeside } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

const DEVICE = aDevice();
const PATH = `/api/devices/${DEVICE.id}/`;

beforeAll(() => import('./device-page'));

/** The service's device, which the test changes as the service would. */
let device: Device;
let assignments: Assignment[];

/** Its copy with the readings. */
let monitored: MonitoredDevice[] = [];

async function openDevice(more: Partial<Device> = {}, history: LogEntry[] = []) {
  device = { ...DEVICE, ...more };
  assignments = [];
  answer(PATH, () => device);
  answer('/api/monitoring/devices/', () => pageOf(monitored));
  answer(`${PATH}assignments/`, () => pageOf(assignments));
  answer(`${PATH}meters/`, () => ({ count: 1, results: [aMeter()] }));
  answer(`${PATH}logs/`, () => pageOf(history));
  answer('/api/users/', () => pageOf([anAccount(CLIENT, { first_name: 'Alice', last_name: 'Archer' })]));
  answer(`/api/users/${CLIENT.id}/`, () => anAccount(CLIENT, { first_name: 'Alice', last_name: 'Archer' }));
  const user = await openApp(`/manage/devices/${DEVICE.id}`, ADMIN);
  await screen.findByTestId('device-status');
  return user;
}

const steps = () => within(screen.getByTestId('steps')).getAllByRole('button').map(({ textContent }) => textContent);
const submit = () => screen.getByTestId('dialog-submit');
const dialogCloses = () => waitFor(() => expect(screen.queryByTestId('dialog-submit')).toBeNull());

it.each([
  ['in_stock', ['Deploy', 'Reserve', 'Send to maintenance', 'Retire']],
  ['reserved', ['Deploy', 'Return to stock']],
  ['deployed', ['Send to maintenance', 'Return to stock']],
  ['maintenance', ['Deploy', 'Return to stock', 'Retire']],
] as const)('a device that is %s offers the steps of its status', async (status, names) => {
  await openDevice({ status });
  expect(steps()).toEqual(names);
});

it.each(['in_stock', 'reserved', 'maintenance'] as const)('the step that stands out for a device that is %s is to deploy it', async (status) => {
  await openDevice({ status });
  const standsOut = within(screen.getByTestId('steps')).getAllByRole('button').filter(({ dataset }) => dataset.variant === 'filled');
  expect(standsOut.map(({ textContent }) => textContent)).toEqual(['Deploy']);
});

it('no step of a healthy, deployed device stands out', async () => {
  await openDevice({ status: 'deployed' });
  expect(within(screen.getByTestId('steps')).getAllByRole('button').map(({ dataset }) => dataset.variant)).toEqual(['default', 'default']);
});

it('the page says whether the meter sends, with its last reading in the zone of the meter', async () => {
  monitored = [
    aMonitoredDevice({ state: 'silent', last_reading_at: new Date(Date.now() - 3 * 86_400_000).toISOString(), last_reading_value: 0.25 }),
  ];
  await openDevice({ status: 'deployed', timezone: 'Europe/Bucharest' });
  monitored = [];

  const line = await screen.findByTestId('last-reading');
  expect(line.textContent).toMatch(/^SilentLast reading: 3 days ago, \d+ \w+, \d\d:\d\d · 0.25 kWh$/);
});

it('a person who sets the meter up copies its id and a message with it', async () => {
  const user = await openDevice({ reading_kind: 'cumulative', interval_seconds: 900 });

  const card = screen.getByTestId('sending');
  expect(card.textContent).toContain('device_data_queue');
  expect(card.textContent).toContain('every 15 min');
  expect(card.textContent).toContain('meter reading at timestamp');
  await user.click(screen.getByTestId('copy-sample'));
  expect(JSON.parse(await navigator.clipboard.readText())).toEqual({
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:(00|15|30|45):00Z$/) as string,
    device_id: DEVICE.id,
    measurement_value: 1234.567,
  });
  expect(await within(card).findByText('Copied')).toBeTruthy();
});

it('a retired device offers no step and says that this is final', async () => {
  await openDevice({ status: 'retired' });
  expect(screen.queryByTestId('steps')).toBeNull();
  expect(screen.getByTestId('device-status').textContent).toContain('A retired device cannot be used again.');
});

it('a device is deployed at the place that the administrator must name', async () => {
  const user = await openDevice();
  const sent: unknown[] = [];
  server.use(
    http.put(`${PATH}deploy/`, async ({ request }) => {
      sent.push(await request.json());
      device = { ...device, status: 'deployed', location: 'Lindenweg 7' };
      return HttpResponse.json(device);
    }),
  );

  await user.click(screen.getByTestId('step-deploy'));
  await user.click(submit());
  expect(errorBeside(/^Location/)).toBe('This field is required.');
  expect(sent).toEqual([]);

  await user.type(screen.getByLabelText(/^Location/), ' Lindenweg 7 ');
  await user.type(screen.getByLabelText('Reason or note'), 'new tenant');
  await user.click(submit());

  await waitFor(() => expect(steps()).toEqual(['Send to maintenance', 'Return to stock']));
  expect(sent).toEqual([{ location: 'Lindenweg 7', notes: 'new tenant' }]);
  expect(screen.getByTestId('device-status').textContent).toContain('DeployedLindenweg 7');
});

it('a step that is no longer allowed names the steps that are', async () => {
  const user = await openDevice();
  await user.click(screen.getByTestId('step-reserve'));
  // Another administrator was faster.
  device = { ...device, status: 'deployed' };
  server.use(http.put(`${PATH}reserve/`, () => problem(409, 'transition_not_allowed', { allowed: ['maintenance', 'in_stock'] })));

  await user.click(submit());

  expect((await screen.findByTestId('form-error')).textContent).toBe(
    'The status has changed in the meantime. Allowed now: In stock, Maintenance.',
  );
  await waitFor(() => expect(steps()).toEqual(['Send to maintenance', 'Return to stock']));
});

it('an edit sends the changed fields, and the service’s errors stand beside their fields', async () => {
  const user = await openDevice({ max_consumption: 5 });
  const sent: Record<string, unknown>[] = [];
  server.use(
    http.patch(PATH, async ({ request }) => {
      const values = (await request.json()) as Partial<Device>;
      sent.push(values);
      if (values.serial_number === 'SN-2') return problem(400, 'invalid', { errors: { serial_number: ['Another device has it.'] } });
      device = { ...device, ...values };
      return HttpResponse.json(device);
    }),
  );
  await user.click(screen.getByTestId('device-edit'));
  const serial = await screen.findByLabelText(/^Serial number/);

  await user.clear(serial);
  await user.type(serial, 'SN-2');
  await user.click(submit());
  await waitFor(() => expect(errorBeside(/^Serial number/)).toBe('Another device has it.'));
  expect(errorBeside(/^Name/)).toBe('');
  expect(screen.queryByTestId('form-error')).toBeNull();

  await user.clear(serial);
  await user.type(serial, 'SN-3');
  await user.clear(screen.getByLabelText(/^Limit per hour/));
  await user.click(submit());
  await dialogCloses();
  expect(sent.at(-1)).toMatchObject({ serial_number: 'SN-3', max_consumption: null });
  expect(screen.getByTestId('done').textContent).toBe('Saved.');
  expect(await screen.findByText('SN-3')).toBeTruthy();
});

it('a user is assigned by search, and the assignment is ended after a question', async () => {
  const user = await openDevice();
  expect(await screen.findByText('Not assigned to anyone.')).toBeTruthy();
  const present: Assignment = {
    device_id: DEVICE.id,
    user_id: CLIENT.id,
    username: CLIENT.username,
    assigned_at: '2026-03-20T15:30:00Z',
    assigned_by: ADMIN.id,
    ended_at: null,
    ended_by: null,
  };
  server.use(
    http.post(`${PATH}assignments/`, async ({ request }) => {
      expect(await request.json()).toEqual({ user_id: CLIENT.id });
      assignments = [present];
      return HttpResponse.json(present, { status: 201 });
    }),
    http.delete(`${PATH}assignments/${CLIENT.id}/`, () => {
      assignments = [{ ...present, ended_at: '2026-03-20T15:40:00Z', ended_by: ADMIN.id }];
      return new HttpResponse(null, { status: 204 });
    }),
  );

  await choose(user, 'assign-user', 'alice (Alice Archer)');
  await user.click(screen.getByTestId('assign'));
  expect((await screen.findByTestId('assignment-end')).getAttribute('aria-label')).toBe('Unassign alice');
  expect(screen.queryByText('Not assigned to anyone.')).toBeNull();

  await user.click(screen.getByTestId('assignment-end'));
  expect(screen.getByText('The user loses access to this device immediately.')).toBeTruthy();
  await user.click(submit());
  await dialogCloses();
  await waitFor(() => expect(screen.queryByTestId('assignment-end')).toBeNull());
  expect(screen.getByTestId('assignments').textContent).toContain('Previousalice');
});

it('the history names each change with its author, the latest first', async () => {
  const entry = {
    device_id: DEVICE.id,
    actor_id: ADMIN.id,
    actor_name: 'root',
    notes: '',
    request_id: 'r-1',
  };
  await openDevice({ status: 'retired' }, [
    {
      ...entry,
      id: 2,
      action: 'status_changed',
      occurred_at: '2026-03-02T08:00:00Z',
      old_values: { status: 'maintenance' },
      new_values: { status: 'retired' },
      notes: 'broken',
    },
    { ...entry, id: 1, action: 'created', occurred_at: '2026-03-01T08:00:00Z', old_values: {}, new_values: { name: 'Heat pump' } },
  ]);

  const entries = await within(await screen.findByTestId('history')).findAllByRole('listitem');
  expect(entries).toHaveLength(2);
  expect(entries[0]?.textContent).toContain('New status by root');
  expect(entries[0]?.querySelector('del')?.textContent).toBe('Maintenance');
  expect(entries[0]?.querySelector('ins')?.textContent).toBe('Retired');
  expect(entries[0]?.textContent).toContain('“broken”');
  expect(entries[1]?.textContent).toContain('Created');
});
