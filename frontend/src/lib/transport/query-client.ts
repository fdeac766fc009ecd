import { QueryClient } from '@tanstack/react-query';
import { ApiError, UnreachableError } from './http';
import { SessionEndedError } from '@/lib/session/session';

const RETRIES = 2;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        // 'online' would hold every request back on a computer without network, where the platform
        // itself runs on the loopback and answers well.
        networkMode: 'always',
        retry: (failures, error) => failures < RETRIES && worthRetrying(error),
        retryDelay: (attempt) => Math.min(4_000, 500 * 2 ** attempt),
      },
    },
  });
}

/** Return whether another try may succeed: after no answer or a server error, not after a rejection. */
function worthRetrying(error: Error): boolean {
  if (error instanceof SessionEndedError) return false;
  if (error instanceof UnreachableError && error.timedOut) return false;
  return !(error instanceof ApiError) || error.status >= 500;
}
