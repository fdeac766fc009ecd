import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, withQuery } from '@/lib/api-client';
import type { Page } from '@/lib/api-types';

export type SecurityEvent = {
  id: number;
  occurred_at: string;
  kind: string;
  actor_id: string | null;
  actor_name: string;
  subject_id: string | null;
  subject_name: string;
  address: string | null;
  request_id: string;
  details: Record<string, unknown>;
};

export const PAGE_SIZE = 50;

export function eventsQuery(filter: { search: string; kind: string; page: number }) {
  return queryOptions({
    queryKey: ['manage', 'security', filter] as const,
    queryFn: ({ signal }) =>
      api<Page<SecurityEvent>>(withQuery('/api/auth/events/', { ...filter, page_size: PAGE_SIZE }), { signal }),
    placeholderData: keepPreviousData,
  });
}
