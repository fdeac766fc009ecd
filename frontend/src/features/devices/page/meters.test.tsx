import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Meter } from '@/lib/transport/admin-types';
import { aChannel, aDevice, aMeter, aMonitoredDevice } from '@/testing/devices';
import { openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

const DEVICE = aDevice();
const PATH = `/api/devices/${DEVICE.id}/`;
const COUNTERS = [
  aChannel({ reading_kind: 'cumulative' }),
  aChannel({ code: 'export', name: 'Solar panels', reading_kind: 'cumulative', flow: 'exported' }),
];
const NEW = aMeter({ id: '7a000000-0000-4000-8000-000000000001', serial_number: 'SN-2', mounted_at: '2026-06-01T08:30:00Z' });

let meters: Meter[];
/** The bodies of the replacements that were sent. */
let sent: Record<string, unknown>[];

beforeAll(() => import('./device-page'));
beforeEach(() => {
  meters = [aMeter()];
  sent = [];
});

async function openDevice(channels = COUNTERS) {
  answer(PATH, () => ({ ...DEVICE, channels }));
  answer('/api/monitoring/devices/', () => pageOf([aMonitoredDevice({ last_reading_value: 17077.4 })]));
  answer(`${PATH}assignments/`, () => pageOf([]));
  answer('/api/users/', () => pageOf([]));
  answer(`${PATH}logs/`, () => pageOf([]));
  answer(`${PATH}meters/`, () => ({ count: meters.length, results: meters }));
  server.use(
    http.post(`*${PATH}meters/`, async ({ request }) => {
      sent.push((await request.json()) as Record<string, unknown>);
      meters = [aMeter({ removed_at: NEW.mounted_at }), NEW];
      return HttpResponse.json(NEW, { status: 201 });
    }),
  );
  const user = await openApp(`/manage/devices/${DEVICE.id}`, ADMIN);
  const card = await screen.findByTestId('meters');
  await within(card).findByTestId('meter-replace');
  return user;
}

const lines = () => within(screen.getByTestId('meters')).getAllByRole('listitem').map(({ textContent }) => textContent);

it('a device lists its meters, the present one first, with their registers', async () => {
  meters = [
    aMeter({ removed_at: NEW.mounted_at, closing: { main: 17077.4, export: 12.5 } }),
    { ...NEW, opening: { main: 0.05 }, multiplier: 40, notes: 'damaged' },
  ];
  await openDevice();

  const [present, former] = lines();
  expect(present).toMatch(/^SN-2 since 1 Jun 2026, \d\d:30 · Opening register: 0.05 · Multiplier: 40 · damaged$/);
  expect(former).toMatch(/^SN-1 until 1 Jun 2026, \d\d:30 · Closing register: 17,077.4, export 12.5$/);
});

it('a meter is replaced with the proposed time and last reading', async () => {
  const user = await openDevice();

  await user.click(screen.getByTestId('meter-replace'));
  const closing = await screen.findByLabelText('Closing register of the old meter');
  await waitFor(() => expect(closing).toHaveProperty('value', '17077.4'));
  await user.type(screen.getByLabelText(/Serial number of the new meter/), 'SN-2');
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(lines()).toHaveLength(2));
  expect(sent).toHaveLength(1);
  const { replaced_at: at, ...values } = sent[0] ?? {};
  expect(values).toEqual({
    serial_number: 'SN-2',
    closing: { main: 17077.4 },
    opening: { main: 0, export: 0 },
    register_digits: null,
    multiplier: 1,
    notes: '',
  });
  const age = Date.now() - Date.parse(String(at));
  expect(age).toBeGreaterThanOrEqual(0);
  expect(age).toBeLessThan(120_000);
});

it('an emptied register is unknown and not 0', async () => {
  const user = await openDevice();

  await user.click(screen.getByTestId('meter-replace'));
  const closing = await screen.findByLabelText('Closing register of the old meter');
  await waitFor(() => expect(closing).toHaveProperty('value', '17077.4'));
  await user.clear(screen.getByLabelText('Closing register of the old meter'));
  await user.clear(screen.getByLabelText('Opening register of the new meter (Solar panels)'));
  await user.type(screen.getByLabelText(/Serial number of the new meter/), 'SN-2');
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ closing: {}, opening: { main: 0 } });
});

it('a device whose readings are consumption has no registers to fill in', async () => {
  const user = await openDevice([aChannel()]);

  await user.click(screen.getByTestId('meter-replace'));

  await screen.findByLabelText(/Serial number of the new meter/);
  expect(screen.queryByLabelText(/Closing register/)).toBeNull();
});

it('a rejected replacement says why and keeps what was typed', async () => {
  const user = await openDevice();
  server.use(
    http.post(`*${PATH}meters/`, () =>
      problem(400, 'invalid', {
        errors: { serial_number: ['Another device has this serial number.'] },
        codes: { serial_number: ['unique'] },
      }),
    ),
  );

  await user.click(screen.getByTestId('meter-replace'));
  const serial = await screen.findByLabelText(/Serial number of the new meter/);
  await user.click(screen.getByTestId('dialog-submit'));
  expect(serial.getAttribute('aria-invalid')).toBe('true');
  await user.type(serial, 'SN-9');
  await user.click(screen.getByTestId('dialog-submit'));

  await screen.findByText('Another device has this serial number.');
  expect(serial).toHaveProperty('value', 'SN-9');
});

it('the latest replacement can be undone, the first meter cannot', async () => {
  const user = await openDevice();
  expect(screen.queryByTestId('meter-undo')).toBeNull();
  meters = [aMeter({ removed_at: NEW.mounted_at }), NEW];
  const undone: string[] = [];
  server.use(
    http.delete(`*${PATH}meters/:meter/`, ({ params }) => {
      undone.push(String(params.meter));
      meters = [aMeter()];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await user.click(screen.getByTestId('meter-replace'));
  await user.type(await screen.findByLabelText(/Serial number of the new meter/), 'SN-2');
  await user.click(screen.getByTestId('dialog-submit'));

  await user.click(await screen.findByTestId('meter-undo'));
  expect((await screen.findByRole('dialog')).textContent).toContain('Meter SN-1 is the present meter again');
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(lines()).toHaveLength(1));
  expect(undone).toEqual([NEW.id]);
});
