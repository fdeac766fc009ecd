// The user's own password and sessions.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { PaginatedSessionList, PasswordChangeRequest, Session } from '@/lib/api/auth';
import { session } from '@/lib/session/session';
import { api, withQuery } from '@/lib/transport/api-client';
import { ApiError } from '@/lib/transport/http';

export const PAGE_SIZE = 10;
export const SESSIONS = ['sessions'] as const;

export function sessionsQuery(page: number) {
  return queryOptions({
    queryKey: [...SESSIONS, page],
    queryFn: ({ signal }) => api<PaginatedSessionList>(withQuery('/api/auth/sessions/', { page, page_size: PAGE_SIZE }), { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Change the password; this session goes on, the others end. */
export async function changePassword(values: Pick<PasswordChangeRequest, 'current_password' | 'new_password'>): Promise<void> {
  await api('/api/auth/password/', { method: 'POST', body: { ...values, keep_session: true } });
  await continueHere();
}

/** End one session; one that has ended meanwhile is no error. */
export async function endSession({ id }: Pick<Session, 'id'>): Promise<void> {
  try {
    await api(`/api/auth/sessions/${id}/`, { method: 'DELETE' });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  await continueHere();
}

export async function endOtherSessions(): Promise<void> {
  await api('/api/auth/sessions/', { method: 'DELETE' });
  await continueHere();
}

/** The end of a session ends all access tokens of the user. Without an answer the next request asks again. */
async function continueHere(): Promise<void> {
  await session.refresh().catch(() => undefined);
}
