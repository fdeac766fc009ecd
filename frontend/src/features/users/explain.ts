import { ta } from '@/lib/i18n/admin';
import type { ApiError } from '@/lib/transport/http';

/** What a refusal of a change to an account means. */
export function explainUserError(error: ApiError): string | null {
  return error.code === 'last_admin' ? ta.users.lastAdmin : null;
}
