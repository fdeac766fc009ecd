import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { DeadLetter, DeadLetters, Ledger, ReplayProgress, Unregistered } from '@/lib/api/monitoring';
import { inAddress, openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';
import { answer, http, HttpResponse, pageOf, server } from '@/testing/server';

beforeAll(() => import('./ingestion-page'));

const STRANGER: Unregistered = {
  device_id: '7c189959-e674-4eaa-8ebb-98fd953657c5',
  readings: 1234,
  first_seen_at: '2026-03-01T08:00:00Z',
  last_reading_at: null,
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
    ...more,
  };
}

function aLetter(more: Partial<DeadLetter> = {}): DeadLetter {
  return { message_id: 'm-1', reason: 'not_json', detail: 'line 1', body: 'no reading', body_truncated: false, size: 10, ...more };
}

type Content = { ledger?: Ledger; letters?: DeadLetter[]; strangers?: Unregistered[] };

/** Open the page; `replays` are the bodies of the requests that letters are sent again. */
async function openIngestion({ ledger = aLedger(), letters = [], strangers = [] }: Content = {}) {
  let rest = letters;
  let progress = NO_REPLAY;
  const replays: unknown[] = [];
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
  const user = await openApp('/manage/ingestion', ADMIN);
  await screen.findByTestId('ledger');
  return { user, replays };
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

it('a dead letter is listed with its reason and sent again alone', async () => {
  const { user, replays } = await openIngestion({ letters: [aLetter(), aLetter({ message_id: 'm-2', reason: 'too_old' })] });
  const card = within(screen.getByTestId('dead-letters'));
  const [first, second] = await card.findAllByRole('listitem');
  expect(first?.textContent).toContain('Not JSON line 1no reading');
  expect(second?.textContent).toContain('Timestamp too old');

  await user.click(card.getAllByTestId('replay-one')[0] as HTMLElement);

  await waitFor(() => expect(screen.getByTestId('replayed').textContent).toBe('Retried: 1. Remaining: 1.'));
  await waitFor(() => expect(card.getAllByRole('listitem')).toHaveLength(1));
  expect(replays).toEqual([{ message_ids: ['m-1'] }]);
});

it('all dead letters are sent again after a question', async () => {
  const { user, replays } = await openIngestion({ letters: [aLetter(), aLetter({ message_id: 'm-2' })] });
  await user.click(await screen.findByTestId('replay-all'));
  expect(screen.getByText('Retry 2 messages?')).toBeTruthy();
  expect(replays).toEqual([]);

  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(screen.getByTestId('replayed').textContent).toBe('Retried: 2.'));
  expect(await screen.findByText('No dead letters.')).toBeTruthy();
  expect(replays).toEqual([{ all: true }]);
});

it('a device that sends and is not registered is registered under its own id', async () => {
  answer('/api/devices/', () => pageOf([]));
  answer('/api/users/', () => pageOf([]));
  const { user } = await openIngestion({ strangers: [STRANGER] });
  const row = (await screen.findByText(STRANGER.device_id)).closest('tr');
  expect([...(row?.children ?? [])].slice(1, 4).map(({ textContent }) => textContent)).toEqual(['1,234', '1 Mar 2026, 21:00:00', '—']);

  await user.click(screen.getByTestId('register'));

  expect((await screen.findByTestId<HTMLInputElement>('device-sends-as')).value).toBe(STRANGER.device_id);
  expect(location.pathname).toBe('/manage/devices');
  expect(inAddress('register')).toBe(STRANGER.device_id);
});
