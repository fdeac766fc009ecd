// The user's own account: changed on the server, and shown at once in this tab.
import { api } from '@/lib/transport/api-client';
import type { User } from '@/lib/transport/api-types';
import { session } from './session';

export type OwnAccountChange = Partial<Omit<User, 'id' | 'username' | 'role' | 'is_active'>>;

export async function changeOwnAccount(values: OwnAccountChange): Promise<User> {
  const user = await api<User>('/api/auth/me/', { method: 'PATCH', body: values });
  session.changeUser(user);
  return user;
}
