// Rises of registers that devices cannot use, and the decisions about them.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { HeldJump } from '@/lib/api/monitoring';
import { api, withQuery } from '@/lib/transport/api-client';
import type { Page } from '@/lib/transport/api-types';

const HELD = '/api/monitoring/held/';
export const HELD_PAGE = 10;
const EVERY_MS = 30_000;

/** The choice of rises; without a device those of all devices, without a state all. */
export type HeldChoice = { device?: string | undefined; state?: HeldJump['state']; page: number };

export function heldQuery({ device, state, page }: HeldChoice) {
  return queryOptions({
    queryKey: ['manage', 'held', device ?? null, state ?? null, page] as const,
    queryFn: ({ signal }) => api<Page<HeldJump>>(withQuery(HELD, { device_id: device, state, page, page_size: HELD_PAGE }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });
}

export type Action = 'accept' | 'dismiss' | 'undo';

export function decide(jump: HeldJump, action: Action, note = ''): Promise<HeldJump> {
  return api<HeldJump>(`${HELD}${jump.id}/${action}/`, { method: 'POST', body: { note } });
}
