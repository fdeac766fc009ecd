// Counts of readings received, stored and rejected.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, withQuery } from '@/lib/transport/api-client';
import type { DeadLetters, Discard, Ledger, ReplayProgress, Unregistered } from '@/lib/api/monitoring';
import type { Page } from '@/lib/transport/api-types';
import { afterFailure } from '@/lib/transport/query-client';

/** The page reads its numbers again this often, without a reload by its user. */
const EVERY_MS = 5_000;
export const UNREGISTERED_PAGE = 20;

export const ledgerQuery = queryOptions({
  queryKey: ['manage', 'ingestion', 'ledger'] as const,
  queryFn: ({ signal }) => api<Ledger>('/api/monitoring/ingestion/', { signal }),
  refetchInterval: EVERY_MS,
});

export function unregisteredQuery(page: number) {
  return queryOptions({
    queryKey: ['manage', 'ingestion', 'unclaimed', page] as const,
    queryFn: ({ signal }) =>
      api<Page<Unregistered>>(withQuery('/api/monitoring/ingestion/unclaimed/', { page, page_size: UNREGISTERED_PAGE }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });
}

export const deadLettersQuery = queryOptions({
  queryKey: ['manage', 'ingestion', 'dead-letters'] as const,
  queryFn: ({ signal }) => api<DeadLetters>('/api/monitoring/ingestion/dead-letters/', { signal }),
});

export const isReplaying = (progress: ReplayProgress | undefined): boolean =>
  progress?.state === 'waiting' || progress?.state === 'running';

/** The latest replay; read again every second while it goes on. */
export const replayQuery = queryOptions({
  queryKey: ['manage', 'ingestion', 'replay'] as const,
  queryFn: ({ signal }) => api<ReplayProgress>('/api/monitoring/ingestion/dead-letters/replay/', { signal }),
  refetchInterval: ({ state }) => (isReplaying(state.data) ? 1_000 : false),
});

/** Dead letters that are chosen: one by its id, or all, or all of a reason. */
export type Choice = { message_ids: string[] } | { all: true; reason?: string; retryable?: true };

/** Have dead letters sent again. */
export function replay(choice: Choice): Promise<ReplayProgress> {
  return api<ReplayProgress>('/api/monitoring/ingestion/dead-letters/replay/', { method: 'POST', body: choice, timeoutMs: 60_000 });
}

export const DISCARDS_PAGE = 10;
const DISCARDS = '/api/monitoring/ingestion/dead-letters/discards/';

/** The record of discarded dead letters; read again every second while a discard goes on. */
export function discardsQuery(page: number) {
  return queryOptions({
    queryKey: ['manage', 'ingestion', 'discards', page] as const,
    queryFn: ({ signal }) => api<Page<Discard>>(withQuery(DISCARDS, { page, page_size: DISCARDS_PAGE }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      afterFailure(query) || (query.state.data?.results.some(({ finished_at: at }) => at === null) === true && 1_000),
  });
}

/** Discard dead letters for good. */
export function discard(choice: Choice): Promise<Discard> {
  return api<Discard>(DISCARDS, { method: 'POST', body: choice, timeoutMs: 60_000 });
}
