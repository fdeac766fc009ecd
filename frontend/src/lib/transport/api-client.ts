// Requests as the logged-in user: with a fresh token, and sent once more when the server rejects the token.
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
    // The token was revoked, or this computer slept: renew it once; the second answer is final.
    return request<T>(path, { ...options, token: await session.refresh(token) });
  }
}
