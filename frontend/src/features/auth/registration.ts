// Registration: whether it is open, and the new account.
import { queryOptions } from '@tanstack/react-query';
import type { RegistrationRequest, RegistrationState } from '@/lib/api/auth';
import { request } from '@/lib/transport/http';

export function registrationQuery() {
  return queryOptions({
    queryKey: ['registration'] as const,
    queryFn: ({ signal }) => request<RegistrationState>('/api/auth/register/', { signal }),
  });
}

export function register(values: RegistrationRequest): Promise<unknown> {
  return request('/api/auth/register/', { method: 'POST', body: values });
}
