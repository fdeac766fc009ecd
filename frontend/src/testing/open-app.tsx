// The whole dashboard in a test: real pages, router, query client and session. Only the network is simulated: requests by
// `server`, the live connection by `LiveLine`.
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
// Not from 'react-router/dom': without a bundler that module has another copy of the router's contexts.
import { RouterProvider } from 'react-router';
import { afterEach, vi } from 'vitest';
import { makeRouter } from '@/app/router';
import { cssVariablesResolver, theme } from '@/app/theme';
import type { Frame } from '@/lib/live/frames';
import { session } from '@/lib/session/session';
import type { SessionAnswer, User } from '@/lib/transport/api-types';
import { makeQueryClient } from '@/lib/transport/query-client';
import { CLIENT } from './people';
import { http, HttpResponse, server } from './server';
import { Line, LiveLine } from './sockets';

let router: ReturnType<typeof makeRouter> | null = null;

/** Charts draw nothing on an area of no size, which everything has without a browser. */
const AREA = new DOMRect(0, 0, 800, 320);

/** Open an address as a user; null: nobody is logged in. Returns the user, who clicks and types. */
export async function openApp(path: string, as: User | null = CLIENT) {
  vi.stubGlobal('WebSocket', LiveLine);
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(AREA);
  server.use(
    http.post('/api/auth/refresh/', () =>
      as === null ? new HttpResponse(null, { status: 204 }) : HttpResponse.json<SessionAnswer>({ access: 'token', user: as }),
    ),
    http.post('/api/auth/logout/', () => new HttpResponse(null, { status: 204 })),
  );
  history.replaceState(null, '', path);
  await session.start();
  router = makeRouter();
  render(
    <MantineProvider env="test" theme={theme} cssVariablesResolver={cssVariablesResolver}>
      <QueryClientProvider client={makeQueryClient()}>
        <RouterProvider router={router} useTransitions={false} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return userEvent.setup();
}

/** Push a frame to the open page. */
export function push(frame: Frame): void {
  const line = Line.all.at(-1);
  if (!(line instanceof LiveLine)) throw new Error('the page has no live connection');
  act(() => line.push(frame));
}

/** Return a parameter of the address. */
export function inAddress(name: string): string | null {
  return new URLSearchParams(location.search).get(name);
}

afterEach(async () => {
  cleanup();
  router?.dispose();
  router = null;
  await session.logout();
  localStorage.clear();
  Line.all = [];
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
