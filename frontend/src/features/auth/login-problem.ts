import { waiting } from '@/lib/labels/format';
import { ApiError, isUnreachable } from '@/lib/transport/http';
import { t } from '@/lib/i18n/messages';

/** The reason why a login failed. `retry`: the same name and password may be accepted at the next attempt. */
export type LoginProblem = { title: string; hint: string | null; retry: boolean };

export function loginProblem(error: unknown): LoginProblem {
  if (isUnreachable(error) || !(error instanceof ApiError)) {
    return { title: t.errors.unreachable, hint: null, retry: true };
  }
  if (error.status === 429 || error.code.includes('locked') || error.code === 'throttled') {
    const wait = error.retryAfterSeconds;
    return { title: wait === null ? t.login.locked : t.login.lockedFor(waiting(wait)), hint: null, retry: false };
  }
  if (error.code === 'account_disabled' || error.code === 'user_inactive') {
    return { title: t.login.disabled, hint: null, retry: false };
  }
  if (error.status === 400 || error.status === 401) return { title: t.login.wrong, hint: null, retry: false };
  const hint = error.detail || t.errors.serverHint;
  return { title: t.errors.server(error.status), hint, retry: error.status >= 500 };
}
