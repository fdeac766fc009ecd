import { adminMessages } from '@/lib/i18n/admin';
import type { ApiError } from '@/lib/transport/http';

/** Return the meaning of a rejected change of an account. */
export function explainUserError(error: ApiError): string | null {
  return error.code === 'last_admin' ? adminMessages.users.lastAdmin : null;
}
