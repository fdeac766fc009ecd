import { ta } from '@/lib/admin-messages';
import type { ApiError } from '@/lib/http';

/** What a refusal of a change to an account means. */
export function explainUserError(error: ApiError): string | null {
  return error.code === 'last_admin' ? ta.users.lastAdmin : null;
}
