import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { session } from '@/lib/session/session';
import type { SessionAnswer } from '@/lib/transport/api-types';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { CLIENT } from '@/testing/people';
import { figureOf } from '@/testing/screen';
import { http, HttpResponse, problem, server } from '@/testing/server';

const DEVICE = aMonitoredDevice();
const DAY = `/energy?device=${DEVICE.device_id}&date=2026-03-10`;

beforeAll(() => Promise.all([import('@/features/auth/login-page'), import('@/features/energy/energy-page')]));

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);

it('a wrong password is named, the next keys are the next attempt, and a right one opens the address that was asked for', async () => {
  serveEnergy([DEVICE], () => 0.25);
  server.use(
    http.post('/api/auth/login/', async ({ request }) => {
      const { username, password } = (await request.json()) as Record<string, string>;
      return username === CLIENT.username && password === 'right'
        ? HttpResponse.json<SessionAnswer>({ access: 'token', user: CLIENT })
        : problem(401, 'invalid_credentials');
    }),
  );
  const user = await openApp(DAY, null);
  await user.type(await field('Username'), CLIENT.username);
  expect(location.pathname).toBe('/login');

  await user.tab();
  await user.keyboard('wrong{Enter}');
  expect((await screen.findByTestId('login-error')).textContent).toContain('Wrong username or password.');
  expect((await field('Username')).value).toBe(CLIENT.username);
  expect(document.activeElement).toBe(await field('Password'));

  await user.keyboard('right{Enter}');
  expect(await figureOf('summary-total')).toBe('6');
  expect(location.pathname + location.search).toBe(DAY);
});

it('a user who is locked out reads how long to wait, and no other reason', async () => {
  server.use(http.post('/api/auth/login/', () => {
    const locked = problem(429, 'login_locked');
    locked.headers.set('retry-after', '40');
    return locked;
  }));
  const user = await openApp('/', null);
  await user.type(await field('Username'), 'alice');
  await user.type(await field('Password'), 'secret{Enter}');

  expect((await screen.findByRole('alert')).textContent).toBe('Too many attempts. Try again in 40 seconds.');
});

it('a session that the server ends leads to the login page, which says so', async () => {
  serveEnergy([DEVICE], () => 0.25);
  await openApp(DAY);
  expect(await figureOf('summary-total')).toBe('6');

  server.use(http.post('/api/auth/refresh/', () => problem(401, 'not_authenticated')));
  await session.refresh().catch(() => undefined);

  expect((await screen.findByText(/Your session has ended/)).getAttribute('role')).toBe('status');
  expect(screen.queryByText(DEVICE.name)).toBeNull();
  expect(document.title).toBe('Log in · Energy');
});

it('the button of the menu logs out and leaves nothing of the user on the page', async () => {
  serveEnergy([DEVICE], () => 0.25);
  const user = await openApp(DAY);
  await screen.findByTestId('period-view');

  await user.click(screen.getByTestId('user-menu'));
  await user.click(await screen.findByTestId('logout'));

  await waitFor(() => expect(location.pathname).toBe('/login'));
  expect(await screen.findByTestId('login-submit')).toBeTruthy();
  expect(screen.queryByText(DEVICE.name)).toBeNull();
});
