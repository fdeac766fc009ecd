import { screen, within } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { StateCounts } from '@/lib/api/monitoring';
import { openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';
import { answer, pageOf } from '@/testing/server';

beforeAll(() => import('./ingestion-page'));

/** Open the page with these numbers of deployed devices; returns the queries for them. */
async function openCard(counts: StateCounts) {
  const queries: URLSearchParams[] = [];
  const totals = { received: 0, stored: 0, corrected: 0, duplicates: 0, rejected: 0 };
  answer('/api/monitoring/ingestion/', () => ({
    totals,
    rejected_by_reason: {},
    per_minute: [],
    queues: null,
    oldest_unprocessed_seconds: null,
    unacknowledged_messages: null,
    unclaimed_devices: 0,
  }));
  answer('/api/monitoring/ingestion/unclaimed/', () => pageOf([]));
  answer('/api/monitoring/ingestion/dead-letters/', () => ({ count: 0, results: [] }));
  answer('/api/monitoring/ingestion/dead-letters/replay/', () => ({ id: null, state: 'none', replayed: 0, failed: 0, left: 0, remaining: null, total: null, requested_at: null, finished_at: null }));
  answer('/api/monitoring/ingestion/dead-letters/discards/', () => pageOf([]));
  answer('/api/monitoring/devices/states/', (query) => {
    queries.push(query);
    return counts;
  });
  await openApp('/manage/ingestion', ADMIN);
  return { queries, card: within(await screen.findByTestId('device-states')) };
}

it('each number of deployed devices in a state leads to the list of these devices', async () => {
  const { queries, card } = await openCard({ live: 1204, late: 0, silent: 3, never: 1 });

  expect((await card.findByTestId('states-live')).textContent).toBe('1,204');
  expect(queries[0]?.get('status')).toBe('deployed');
  expect(card.getByRole('link', { name: 'Silent: 3' }).getAttribute('href')).toBe('/manage/devices?status=deployed&state=silent');
  expect(within(card.getByTestId('states-late')).queryByRole('link')).toBeNull();
});

it('an installation without deployed devices says so', async () => {
  const { card } = await openCard({ live: 0, late: 0, silent: 0, never: 0 });

  expect(await card.findByText('No devices are deployed yet.')).toBeTruthy();
});
