// Users as the services give them, for tests.
import type { Account } from '@/lib/transport/admin-types';
import type { User } from '@/lib/transport/api-types';

export const CLIENT: User = {
  id: '11111111-1111-4111-8111-111111111111',
  username: 'alice',
  email: '',
  first_name: '',
  last_name: '',
  phone: '',
  role: 'client',
  is_active: true,
  language: '',
  theme: '',
};

export const ADMIN: User = { ...CLIENT, id: '22222222-2222-4222-8222-222222222222', username: 'root', role: 'admin' };

export function anAccount(user: User, more: Partial<Account> = {}): Account {
  return { ...user, created_at: '2026-01-01T00:00:00Z', last_login: null, ...more };
}
