import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { SecurityEvent } from '@/lib/transport/admin-types';
import { api, withQuery } from '@/lib/transport/api-client';
import type { Page } from '@/lib/transport/api-types';

export const PAGE_SIZE = 50;

export function eventsQuery(filter: { search: string; kind: string; page: number }) {
  return queryOptions({
    queryKey: ['manage', 'security', filter] as const,
    queryFn: ({ signal }) =>
      api<Page<SecurityEvent>>(withQuery('/api/auth/events/', { ...filter, page_size: PAGE_SIZE }), { signal }),
    placeholderData: keepPreviousData,
  });
}
