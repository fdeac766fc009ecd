// The permissions of roles on screen. No other module asks for a role. The services decide all the same; this only
// hides the pages whose requests they would reject.
import type { User } from '@/lib/transport/api-types';

/** Return whether the user may open the pages of users, devices, ingestion and security. */
export function mayManage({ role }: Pick<User, 'role'>): boolean {
  return role === 'admin';
}
