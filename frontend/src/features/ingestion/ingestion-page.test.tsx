import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { DeadLetter, DeadLetters, Discard, Ledger, ReplayProgress, Unregistered } from '@/lib/api/monitoring';
import { inAddress, openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';
import { DEVICE_ID } from '@/testing/days';
import { choose } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

beforeAll(() => import('./ingestion-page'));

const STRANGER: Unregistered = {
  device_id: '7c189959-e674-4eaa-8ebb-98fd953657c5',
  readings: 1234,
  first_seen_at: '2026-03-01T08:00:00Z',
  last_reading_at: null,
  last_reading_value: 0.217,
  interval_seconds: 900,
};

const DISCARDS = '/api/monitoring/ingestion/dead-letters/discards/';

const A_DISCARD: Discard = {
  id: 1,
  requested_at: '2026-03-01T08:00:00Z',
  requested_by: '8c189959-e674-4eaa-8ebb-98fd953657c5',
  requested_by_name: 'anna',
  reason: '',
  discarded: {},
  finished_at: '2026-03-01T08:00:01Z',
};

const NO_REPLAY: ReplayProgress = {
  id: null,
  state: 'none',
  replayed: 0,
  failed: 0,
  left: 0,
  remaining: null,
  total: null,
  requested_at: null,
  finished_at: null,
};

function aLedger(more: Partial<Ledger> = {}): Ledger {
  return {
    totals: { received: 1000, stored: 990, corrected: 1, duplicates: 2, rejected: 7 },
    rejected_by_reason: { not_json: 4, in_future: 3 },
    per_minute: [],
    queues: { readings: 12 },
    oldest_unprocessed_seconds: null,
    unacknowledged_messages: 5,
    unclaimed_devices: 1,
    held: { open: 0, energy: { kWh: 0 } },
    ...more,
  };
}

function aLetter(more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    message_id: 'm-1',
    reason: 'not_json',
    detail: 'line 1',
    field: null,
    retryable: true,
    dead_lettered_at: null,
    device_id: null,
    device_name: null,
    body: 'no reading',
    body_truncated: false,
    size: 10,
    ...more,
  };
}

type Content = { ledger?: Ledger; letters?: DeadLetter[]; strangers?: Unregistered[] };

/** Open the page; `replays` are the bodies of the requests that letters are sent again. */
async function openIngestion({ ledger = aLedger(), letters = [], strangers = [] }: Content = {}) {
  let rest = letters;
  let progress = NO_REPLAY;
  let record: Discard[] = [];
  const replays: unknown[] = [];
  const discards: unknown[] = [];
  answer('/api/monitoring/ingestion/', () => ledger);
  answer('/api/monitoring/devices/states/', () => ({ live: 1, late: 0, silent: 0, never: 0 }));
  answer('/api/monitoring/ingestion/unclaimed/', () => pageOf(strangers));
  answer('/api/monitoring/ingestion/dead-letters/', (): DeadLetters => ({ count: rest.length, results: rest }));
  answer('/api/monitoring/ingestion/dead-letters/replay/', () => progress);
  server.use(
    http.post('/api/monitoring/ingestion/dead-letters/replay/', async ({ request }) => {
      const body = (await request.json()) as { message_ids?: string[] };
      replays.push(body);
      rest = body.message_ids === undefined ? [] : rest.filter(({ message_id: id }) => !body.message_ids?.includes(id));
      progress = { ...NO_REPLAY, id: replays.length, state: 'finished', replayed: letters.length - rest.length, left: rest.length };
      return HttpResponse.json(progress, { status: 202 });
    }),
  );
  answer(DISCARDS, () => pageOf(record));
  server.use(
    http.post(DISCARDS, async ({ request }) => {
      const body = (await request.json()) as { message_ids?: string[]; reason?: string };
      discards.push(body);
      const gone = rest.filter(({ message_id: id, reason }) => body.message_ids?.includes(id) ?? (body.reason ?? reason) === reason);
      rest = rest.filter((letter) => !gone.includes(letter));
      const made = { ...A_DISCARD, id: discards.length, discarded: { not_json: gone.length } };
      record = [made, ...record];
      return HttpResponse.json(made);
    }),
  );
  const user = await openApp('/manage/ingestion', ADMIN);
  await screen.findByTestId('ledger');
  return { user, replays, discards };
}

it('the ledger is balanced when every received reading is accounted for', async () => {
  await openIngestion();
  const ledger = screen.getByTestId('ledger').textContent;
  expect(ledger).toContain('All accounted for');
  expect(ledger).toContain('Rejection reasons: Not JSON 4 · Timestamp in the future 3');
  expect(screen.getByTestId('ledger-received').textContent).toBe('1,000');
});

it('the ledger names how many readings are unaccounted for', async () => {
  await openIngestion({ ledger: aLedger({ totals: { received: 1000, stored: 900, corrected: 0, duplicates: 0, rejected: 0 } }) });
  expect(screen.getByTestId('ledger').textContent).toContain('100 unaccounted for');
});

it('queues are unknown, not empty, while the broker cannot be asked', async () => {
  await openIngestion({ ledger: aLedger({ queues: null, unacknowledged_messages: null }) });
  expect(screen.getByText('Unknown: the message broker does not answer at the moment.')).toBeTruthy();
  expect(screen.queryByTestId('unacknowledged')).toBeNull();
});

it('a dead letter says why it was rejected, when, of which device, and is retried alone', async () => {
  const letters = [
    aLetter({ reason: 'in_future', detail: 'more than 24 h in the future', dead_lettered_at: '2026-03-01T08:00:00Z', device_id: DEVICE_ID, device_name: 'Heat pump' }),
    aLetter({ message_id: 'm-2', reason: 'missing_field', field: 'timestamp', device_id: STRANGER.device_id }),
  ];
  const { user, replays } = await openIngestion({ letters });
  const card = within(screen.getByTestId('dead-letters'));
  const [first, second] = await card.findAllByRole('listitem');
  expect(first?.textContent).toContain('Timestamp in the future More than 24 hours in the futureRejected 1 Mar 2026, 21:00:00 · Device: Heat pump');
  expect(first?.textContent).toContain('Check the device’s clock');
  expect(card.getByTestId<HTMLAnchorElement>('letter-device').getAttribute('href')).toBe(`/manage/devices/${DEVICE_ID}`);
  expect(second?.textContent).toContain(`${STRANGER.device_id} (not registered)`);
  expect(second?.textContent).toContain('Correct what the device sends.');

  await user.click(card.getAllByTestId('replay-one')[0] as HTMLElement);

  await waitFor(() => expect(screen.getByTestId('replayed').textContent).toBe('Retried: 1. Remaining: 1.'));
  await waitFor(() => expect(card.getAllByRole('listitem')).toHaveLength(1));
  expect(replays).toEqual([{ message_ids: ['m-1'] }]);
});

it('a dead letter that can only come back cannot be retried', async () => {
  await openIngestion({ letters: [aLetter({ retryable: false }), aLetter({ message_id: 'm-2', retryable: false })] });
  const card = within(screen.getByTestId('dead-letters'));
  expect(await card.findAllByTestId('discard-one')).toHaveLength(2);
  expect(card.queryByTestId('replay-one')).toBeNull();
  expect(card.queryByTestId('replay-all')).toBeNull();
});

it('those dead letters that a retry can help are retried together after a question', async () => {
  const letters = [aLetter(), aLetter({ message_id: 'm-2', retryable: false }), aLetter({ message_id: 'm-3', reason: 'foreign' })];
  const { user, replays } = await openIngestion({ letters });
  await user.click(await screen.findByTestId('replay-all'));
  expect(screen.getByText('Retry 1 message?')).toBeTruthy();
  expect(replays).toEqual([]);

  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(screen.getByTestId('replayed').textContent).toBe('Retried: 3.'));
  expect(replays).toEqual([{ all: true, retryable: true }]);
});

it('one dead letter is discarded after a question, and the record says by whom', async () => {
  const { user, discards } = await openIngestion({ letters: [aLetter(), aLetter({ message_id: 'm-2', reason: 'conflict' })] });
  expect(screen.queryByTestId('discards')).toBeNull();
  await user.click((await screen.findAllByTestId('discard-one'))[0] as HTMLElement);
  expect(screen.getByText('Discard this message?')).toBeTruthy();
  expect(discards).toEqual([]);

  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(screen.getByTestId('replayed').textContent).toBe('Discarded: 1.'));
  expect(discards).toEqual([{ message_ids: ['m-1'] }]);
  expect((await screen.findByTestId('discards')).textContent).toContain('anna1Not JSON 1');
  expect(within(screen.getByTestId('dead-letters')).getAllByRole('listitem')).toHaveLength(1);
});

it('the dead letters of a chosen reason are discarded together, and the others stay', async () => {
  const letters = [aLetter(), aLetter({ message_id: 'm-2' }), aLetter({ message_id: 'm-3', reason: 'conflict' })];
  const { user, discards } = await openIngestion({ letters });
  await screen.findAllByTestId('discard-one');
  await choose(user, 'reason-filter', 'Not JSON');
  await waitFor(() => expect(screen.getAllByTestId('discard-one')).toHaveLength(2));
  await user.click(screen.getByTestId('discard-all'));
  expect(screen.getByText('Discard 2 messages?')).toBeTruthy();

  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(discards).toEqual([{ all: true, reason: 'not_json' }]));
  await waitFor(() => expect(screen.getAllByTestId('discard-one')).toHaveLength(1));
});

it('a discard that was not made says why, and the messages stay', async () => {
  const { user } = await openIngestion({ letters: [aLetter()] });
  server.use(http.post(DISCARDS, () => problem(503, 'unavailable', { detail: 'Try again later.' })));
  await user.click(await screen.findByTestId('discard-all'));

  await user.click(screen.getByTestId('dialog-submit'));

  expect(await screen.findByRole('alert')).toBeTruthy();
  expect(screen.getAllByTestId('discard-one')).toHaveLength(1);
});

it('a device that sends and is not registered is registered under its own id', async () => {
  answer('/api/devices/', () => pageOf([]));
  answer('/api/users/', () => pageOf([]));
  const { user } = await openIngestion({ strangers: [STRANGER] });
  const row = (await screen.findByText(STRANGER.device_id)).closest('tr');
  expect([...(row?.children ?? [])].slice(1, 6).map(({ textContent }) => textContent)).toEqual(['1,234', '0.217 kWh', '15 min', '1 Mar 2026, 21:00:00', '—']);

  await user.click(screen.getByTestId('register'));

  expect((await screen.findByTestId<HTMLInputElement>('device-sends-as')).value).toBe(STRANGER.device_id);
  expect(location.pathname).toBe('/manage/devices');
  expect(inAddress('register')).toBe(STRANGER.device_id);
});
