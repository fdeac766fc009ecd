// Counts of readings received, stored and rejected.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, withQuery } from '@/lib/transport/api-client';
import type { DeadLetters, Ledger, ReplayProgress, Unregistered } from '@/lib/api/monitoring';
import type { Page } from '@/lib/transport/api-types';

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

/** Have a dead letter sent again; null: all dead letters that the platform wrote. */
export function replay(messageId: string | null): Promise<ReplayProgress> {
  return api<ReplayProgress>('/api/monitoring/ingestion/dead-letters/replay/', {
    method: 'POST',
    body: messageId === null ? { all: true } : { message_ids: [messageId] },
    timeoutMs: 60_000,
  });
}
