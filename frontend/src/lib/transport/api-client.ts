// Requests as the logged-in user: a fresh token before, one more try when the server refuses it.
import { ApiError, request, type RequestOptions } from './http';
import { session } from '@/lib/session/session';

export type Query = Record<string, string | number | undefined>;

export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

export async function api<T>(path: string, options: Omit<RequestOptions, 'token'> = {}): Promise<T> {
  const token = await session.accessToken();
  try {
    return await request<T>(path, { ...options, token });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    // Revoked, or this computer slept: renew once, then the answer stands.
    return request<T>(path, { ...options, token: await session.refresh(token) });
  }
}
