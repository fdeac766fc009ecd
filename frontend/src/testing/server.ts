// The network of a test. The test answers requests by route (`server.use`, `answer`); a request without an answer fails
// the test by its name.
import { http, HttpResponse, type JsonBodyType } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { HeldJump } from '@/lib/api/monitoring';
import type { Alert, Page } from '@/lib/transport/api-types';

export { http, HttpResponse };

export function pageOf<T>(results: T[]): Page<T> {
  return { count: results.length, next: null, previous: null, results };
}

/** The bell is on every page, without alerts, registration is closed, and no energy is held, unless a test says otherwise. */
export const server = setupServer(
  http.get('/api/auth/register/', () => HttpResponse.json({ open: false })),
  http.get('/api/monitoring/alerts/', () => HttpResponse.json(pageOf<Alert>([]))),
  http.get('/api/monitoring/held/', () => HttpResponse.json(pageOf<HeldJump>([]))),
);

const unanswered: string[] = [];

beforeAll(() => {
  server.listen({ onUnhandledRequest: ({ method, url }) => unanswered.push(`${method} ${url}`) });
});
afterEach(() => {
  server.resetHandlers();
  const requests = unanswered.splice(0);
  if (requests.length > 0) throw new Error(`the test has no answer to ${requests.join(', ')}`);
});
afterAll(() => server.close());

/** Answer `GET path` with the body of `bodyFor`; undefined: an earlier answer to the path holds. */
export function answer<T extends JsonBodyType>(path: string, bodyFor: (query: URLSearchParams) => T | undefined): void {
  server.use(
    http.get(path, ({ request }) => {
      const body = bodyFor(new URL(request.url).searchParams);
      return body === undefined ? undefined : HttpResponse.json(body as JsonBodyType);
    }),
  );
}

/** Return a rejection in the services' error format, with more fields such as `errors`. */
export function problem(status: number, code: string, more: Record<string, unknown> = {}) {
  return HttpResponse.json({ type: 'about:blank', title: code, status, code, detail: '', request_id: 'r-1', ...more }, { status });
}
