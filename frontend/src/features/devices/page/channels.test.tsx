import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Channel } from '@/lib/transport/admin-types';
import { aChannel, aDevice, aMeter } from '@/testing/devices';
import { openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';
import { choose } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

const DEVICE = aDevice();
const PATH = `/api/devices/${DEVICE.id}/`;
const EXPORT = aChannel({ code: 'export', name: 'Solar panels', flow: 'exported', interval_seconds: null });

let channels: Channel[];
/** The methods, addresses and bodies that were sent. */
let sent: [string, string, unknown][];

beforeAll(() => import('./device-page'));
beforeEach(() => {
  channels = [aChannel(), EXPORT];
  sent = [];
});

async function openDevice() {
  answer(PATH, () => ({ ...DEVICE, channels }));
  answer('/api/monitoring/devices/', () => pageOf([]));
  answer('/api/users/', () => pageOf([]));
  answer(`${PATH}assignments/`, () => pageOf([]));
  answer(`${PATH}logs/`, () => pageOf([]));
  answer(`${PATH}meters/`, () => ({ count: 1, results: [aMeter()] }));
  for (const method of ['post', 'patch'] as const) {
    server.use(
      http[method](`*${PATH}channels/*`, async ({ request }) => {
        sent.push([request.method, new URL(request.url).pathname, await request.json()]);
        return HttpResponse.json(EXPORT);
      }),
    );
  }
  const user = await openApp(`/manage/devices/${DEVICE.id}`, ADMIN);
  await screen.findByTestId('channels');
  return user;
}

const card = () => within(screen.getByTestId('channels'));
const dialogCloses = () => waitFor(() => expect(screen.queryByTestId('dialog-submit')).toBeNull());

it('a device lists its channels, and all but main can be deleted', async () => {
  await openDevice();

  const [main, other] = card().getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(main).toContain('main Electricity (kWh) · Consumed · Consumption per interval');
  expect(other).toContain('export Solar panels · Electricity (kWh) · Exported');
  expect(card().getAllByRole('button', { name: /^Delete channel/ }).map((button) => button.getAttribute('aria-label'))).toEqual([
    'Delete channel export',
  ]);
});

it('a new channel is sent with its values, and an empty number is none', async () => {
  const user = await openDevice();

  await user.click(screen.getByTestId('channel-add'));
  await user.type(await screen.findByLabelText(/^Code/), 'gas');
  await choose(user, 'channel-quantity', 'Gas (m³)');
  await choose(user, 'channel-reading_kind', 'Meter reading (counter)');
  await user.type(screen.getByLabelText('Register wraps at'), '838.8608');
  await user.click(screen.getByTestId('dialog-submit'));

  await dialogCloses();
  expect(sent).toEqual([
    [
      'POST',
      `${PATH}channels/`,
      {
        code: 'gas',
        name: '',
        quantity: 'gas',
        flow: 'consumed',
        reading_kind: 'cumulative',
        negative_channel: null,
        interval_seconds: null,
        register_digits: null,
        register_wraps_at: 838.8608,
        max_power: null,
      },
    ],
  ]);
});

it('a channel is edited under its code', async () => {
  const user = await openDevice();

  await user.click(card().getByRole('button', { name: 'Edit channel main' }));
  await choose(user, 'channel-negative', 'Solar panels');
  await user.click(screen.getByTestId('dialog-submit'));

  await dialogCloses();
  expect(sent[0]?.slice(0, 2)).toEqual(['PATCH', `${PATH}channels/main/`]);
  expect(sent[0]?.[2]).toMatchObject({ code: 'main', negative_channel: 'export', interval_seconds: 600 });
});

it('a channel that is in use is not deleted, and the dialog says why', async () => {
  const user = await openDevice();
  server.use(http.delete(`*${PATH}channels/export/`, () => problem(409, 'channel_in_use', { detail: 'It receives the negative readings of main.' })));

  await user.click(card().getByRole('button', { name: 'Delete channel export' }));
  await user.click(await screen.findByTestId('dialog-submit'));

  expect(await screen.findByText('It receives the negative readings of main.')).toBeTruthy();
});

it('a rejected code is marked', async () => {
  const user = await openDevice();
  server.use(
    http.post(`*${PATH}channels/`, () => problem(400, 'invalid', { errors: { code: ['Use other characters.'] }, codes: { code: ['invalid'] } })),
  );

  await user.click(screen.getByTestId('channel-add'));
  await user.type(await screen.findByLabelText(/^Code/), 'Ex');
  await user.click(screen.getByTestId('dialog-submit'));

  await screen.findByText('Use other characters.');
  expect(screen.getByLabelText(/^Code/).getAttribute('aria-invalid')).toBe('true');
});
