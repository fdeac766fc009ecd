// Accounts as administrators read and change them.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Account } from '@/lib/transport/admin-types';
import { api, withQuery } from '@/lib/transport/api-client';
import type { Page } from '@/lib/transport/api-types';

export const PAGE_SIZE = 25;

export type UserFilter = { search: string; role: string; is_active: string; ordering: string; page: number };

export function usersQuery(filter: UserFilter) {
  const path = withQuery('/api/users/', { ...filter, page_size: PAGE_SIZE });
  return queryOptions({
    queryKey: ['manage', 'users', filter] as const,
    queryFn: ({ signal }) => api<Page<Account>>(path, { signal }),
    placeholderData: keepPreviousData,
  });
}

export type AccountChange = Partial<Omit<Account, 'id' | 'created_at' | 'last_login'>> & { password?: string };

export function createUser(values: AccountChange): Promise<Account> {
  return api<Account>('/api/users/', { method: 'POST', body: values });
}

export function changeUser(id: string, values: AccountChange): Promise<Account> {
  return api<Account>(`/api/users/${id}/`, { method: 'PATCH', body: values });
}

export function deleteUser(id: string): Promise<void> {
  return api<void>(`/api/users/${id}/`, { method: 'DELETE' });
}
