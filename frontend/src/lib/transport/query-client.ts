import { QueryClient } from '@tanstack/react-query';
import { ApiError, UnreachableError } from './http';
import { SessionEndedError } from '@/lib/session/session';

const RETRIES = 2;
/** A read that failed is repeated this often, so that every page is right again when the platform is. */
const AFTER_FAILURE_MS = 6_000;

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
        refetchInterval: afterFailure,
      },
    },
  });
}

/** Return the time until a failed read is repeated; false: it did not fail, or would fail again. */
export function afterFailure({ state }: { state: { status: string; error: Error | null } }): number | false {
  return state.status === 'error' && state.error !== null && maySucceedLater(state.error) ? AFTER_FAILURE_MS : false;
}

/** Return whether another try at once may succeed: not after one that timed out, which would only double the wait. */
function worthRetrying(error: Error): boolean {
  return maySucceedLater(error) && !(error instanceof UnreachableError && error.timedOut);
}

/** Return whether a later try may succeed: after no answer or a server error, not after a rejection. */
function maySucceedLater(error: Error): boolean {
  if (error instanceof SessionEndedError) return false;
  return !(error instanceof ApiError) || error.status >= 500;
}
