import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import type { HeldJump } from '@/lib/api/monitoring';
import { aDevice, aMonitoredDevice } from '@/testing/devices';
import { openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

const DEVICE = aDevice({ reading_kind: 'cumulative' });
const HELD = '/api/monitoring/held/';

function aJump(more: Partial<HeldJump> = {}): HeldJump {
  return {
    id: 3,
    device_id: DEVICE.id,
    device_name: 'Heat pump',
    timezone: 'Europe/Bucharest',
    channel: 'main',
    unit: 'kWh',
    start: '2026-03-10T10:10:00Z',
    end: '2026-03-10T10:20:00Z',
    register_before: 100.1,
    register_after: 600.1,
    energy: 500,
    plausible_energy: 0.833333,
    first_seen_at: '2026-03-10T10:20:02Z',
    state: 'open',
    decided_at: null,
    decided_by: null,
    decided_by_name: null,
    note: null,
    month_closed: false,
    ...more,
  };
}

let jumps: HeldJump[];
/** The decisions that were sent: "accept 3 the note". */
let sent: string[];

beforeEach(() => {
  jumps = [aJump()];
  sent = [];
  answer(HELD, (query) =>
    pageOf(jumps.filter((jump) => jump.state === (query.get('state') ?? jump.state) && jump.device_id === (query.get('device_id') ?? jump.device_id))),
  );
  server.use(
    http.post(`*${HELD}:id/:action/`, async ({ request, params: { id, action } }) => {
      const { note } = (await request.json()) as { note: string };
      sent.push(`${String(action)} ${String(id)} ${note}`.trim());
      const state = action === 'accept' ? 'accepted' : action === 'dismiss' ? 'dismissed' : 'open';
      const decision = state === 'open' ? {} : { decided_at: '2026-03-11T08:00:00Z', decided_by: ADMIN.id, decided_by_name: 'anna', note };
      jumps = jumps.map((jump) => (jump.id === Number(id) ? aJump({ id: jump.id, state, ...decision }) : jump));
      return HttpResponse.json(jumps.find((jump) => jump.id === Number(id)));
    }),
  );
});

async function openIngestion() {
  answer('/api/monitoring/ingestion/', () => ({
    totals: { received: 1, stored: 1, corrected: 0, duplicates: 0, rejected: 0 },
    rejected_by_reason: {},
    per_minute: [],
    queues: {},
    oldest_unprocessed_seconds: null,
    unacknowledged_messages: 0,
    unclaimed_devices: 0,
    held: { open: 1, energy: { kWh: 500 } },
  }));
  answer('/api/monitoring/devices/states/', () => ({ live: 1, late: 0, silent: 0, never: 0 }));
  answer('/api/monitoring/ingestion/unclaimed/', () => pageOf([]));
  answer('/api/monitoring/ingestion/dead-letters/', () => ({ count: 0, results: [] }));
  answer('/api/monitoring/ingestion/dead-letters/replay/', () => ({ id: null, state: 'none' }));
  answer('/api/monitoring/ingestion/dead-letters/discards/', () => pageOf([]));
  const user = await openApp('/manage/ingestion', ADMIN);
  await screen.findByTestId('ledger');
  return user;
}

async function openDevice(device = DEVICE) {
  const path = `/api/devices/${device.id}/`;
  answer(path, () => device);
  answer('/api/monitoring/devices/', () => pageOf([aMonitoredDevice()]));
  answer(`${path}assignments/`, () => pageOf([]));
  answer('/api/users/', () => pageOf([]));
  answer(`${path}logs/`, () => pageOf([]));
  answer(`${path}meters/`, () => pageOf([]));
  const user = await openApp(`/manage/devices/${device.id}`, ADMIN);
  await screen.findByTestId('device-status');
  return user;
}

const card = () => screen.findByTestId('held');

it('held energy says how much it is, when, between which registers, and what the device can use', async () => {
  await openIngestion();

  const held = await card();
  expect(await within(held).findByText('500 kWh')).toBeTruthy();
  expect(within(held).getByRole('heading').textContent).toBe('Held energy (1)');
  expect(within(held).getByRole('link', { name: 'Tue 10 Mar 2026, 12:10 to 12:20' }).getAttribute('href')).toBe(
    `/energy?device=${DEVICE.id}&date=2026-03-10`,
  );
  expect(within(held).getByRole('link', { name: 'Heat pump' }).getAttribute('href')).toBe(`/manage/devices/${DEVICE.id}`);
  expect(held.textContent).toContain('Register: 100.1 kWh, then 600.1 kWh. The device can use at most 0.833 kWh in this time.');
  expect(screen.getByTestId('ledger-held').textContent).toBe('Held and not counted: 1, 500 kWh');
});

it('held energy of days and seconds names both days and the seconds', async () => {
  jumps = [aJump({ start: '2026-03-10T10:10:05Z', end: '2026-03-11T10:20:00Z' })];
  await openIngestion();

  expect(await screen.findByRole('link', { name: 'Tue 10 Mar 2026, 12:10:05 to Wed 11 Mar 2026, 12:20:00' })).toBeTruthy();
});

it('held energy is accepted after a question, with a note, and the decision can be undone', async () => {
  const user = await openIngestion();

  await user.click(await screen.findByRole('button', { name: 'Accept: 500 kWh, Heat pump, Tue 10 Mar 2026, 12:10 to 12:20' }));
  const dialog = await screen.findByRole('dialog', { name: 'Count 500 kWh?' });
  await user.type(within(dialog).getByLabelText('Reason or note'), 'new gateway');
  await user.click(within(dialog).getByTestId('dialog-submit'));

  await waitFor(() => expect(screen.getByTestId('held-outcome').textContent).toBe('500 kWh count now.'));
  expect(sent).toEqual(['accept 3 new gateway']);
  expect(await screen.findByText('No energy is held.')).toBeTruthy();

  await user.click(screen.getByTestId('held-state'));
  await user.click(await screen.findByRole('option', { name: 'Accepted', hidden: true }));
  expect((await screen.findByText(/^Accepted by anna, 11 Mar 2026/)).textContent).toMatch(/ · new gateway$/);
  await user.click(await screen.findByTestId('held-undo'));
  await waitFor(() => expect(screen.getByTestId('held-outcome').textContent).toBe('500 kWh are held again.'));
  expect(sent[1]).toBe('undo 3');
});

it('held energy is dismissed after a question', async () => {
  const user = await openIngestion();

  await user.click(await screen.findByTestId('held-dismiss'));
  await screen.findByRole('dialog', { name: 'Leave out 500 kWh?' });
  expect(sent).toEqual([]);
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(screen.getByTestId('held-outcome').textContent).toBe('500 kWh stay out.'));
  expect(sent).toEqual(['dismiss 3']);
});

it('a decision about energy that is no longer held is explained, and the list is read again', async () => {
  const user = await openIngestion();
  await user.click(await screen.findByTestId('held-accept'));
  server.use(
    http.post(`*${HELD}:id/accept/`, () => {
      jumps = [];
      return problem(409, 'not_held', { detail: 'Nothing is held under the number 3.' });
    }),
  );

  await user.click(await screen.findByTestId('dialog-submit'));

  expect((await screen.findByTestId('form-error')).textContent).toBe('Nothing is held under the number 3.');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(await screen.findByText('No energy is held.')).toBeTruthy();
});

it('held energy of a closed month can only be dismissed, and an accepted one not be undone', async () => {
  jumps = [aJump({ month_closed: true }), aJump({ id: 4, month_closed: true, state: 'accepted', decided_at: '2026-03-11T08:00:00Z', decided_by_name: 'anna' })];
  const user = await openIngestion();

  expect(await screen.findByTestId('held-dismiss')).toBeTruthy();
  expect(screen.queryByTestId('held-accept')).toBeNull();
  expect(screen.getByText('The raw readings of this time were dropped, so it can no longer count.')).toBeTruthy();
  await user.click(screen.getByTestId('held-state'));
  await user.click(await screen.findByRole('option', { name: 'Accepted', hidden: true }));
  expect(await screen.findByText(/^Accepted by anna/)).toBeTruthy();
  expect(screen.queryByTestId('held-undo')).toBeNull();
});

it('the page of a device lists its own held energy, with the channel if it is not the main one', async () => {
  jumps = [aJump({ channel: 'export' }), aJump({ id: 4, device_id: '00000000-0000-4000-8000-000000000009', energy: 7 })];
  await openDevice();

  const held = await card();
  expect(await within(held).findByText('Channel export')).toBeTruthy();
  expect(within(held).getAllByRole('listitem')).toHaveLength(1);
  expect(within(held).queryByText('Heat pump')).toBeNull();
});

it('the page of a device that never had held energy does not mention it', async () => {
  jumps = [];
  await openDevice();

  await screen.findByTestId('meters');
  await waitFor(() => expect(screen.queryByRole('status', { name: 'Loading…' })).toBeNull());
  expect(screen.queryByTestId('held')).toBeNull();
});
