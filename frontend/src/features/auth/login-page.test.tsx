import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter } from 'react-router';
import { afterEach, expect, it, vi } from 'vitest';
import { readPreference } from '@/lib/browser/preferences';
import { makeQueryClient } from '@/lib/transport/query-client';
import { LoginPage } from './login-page';

function show() {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <MemoryRouter>
          <LoginPage />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

/** The page asks whether visitors may register. */
const withoutRegistration = () => vi.stubGlobal('fetch', async () => new Response('{"open": false}'));

type Reply = { status: number; code?: string; retryAfter?: string } | 'no network';

async function logInAgainst(reply: Reply) {
  vi.stubGlobal('fetch', async () => {
    if (reply === 'no network') throw new TypeError('failed to fetch');
    return new Response(JSON.stringify({ status: reply.status, code: reply.code ?? '' }), {
      status: reply.status,
      headers: reply.retryAfter === undefined ? {} : { 'retry-after': reply.retryAfter },
    });
  });
  show();
  await userEvent.type(screen.getByLabelText('Username'), 'alice');
  await userEvent.type(screen.getByLabelText('Password'), 'secret');
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  return screen.findByRole('alert');
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it('the page says that name or password is wrong, and keeps the name', async () => {
  const alert = await logInAgainst({ status: 401, code: 'invalid_credentials' });
  expect(alert.textContent).toContain('Wrong username or password.');
  expect(screen.getByLabelText<HTMLInputElement>('Username').value).toBe('alice');
});

it('the page says how long to wait after too many attempts', async () => {
  const alert = await logInAgainst({ status: 429, code: 'throttled', retryAfter: '170' });
  expect(alert.textContent).toContain('Try again in 3 minutes');
});

it.each<Reply>(['no network', { status: 502 }])('the page offers another try when the server is unavailable: %o', async (reply) => {
  const alert = await logInAgainst(reply);
  expect(alert.textContent).toContain('cannot be reached');
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
});

it('empty fields are named without a request', async () => {
  const request = vi.fn<typeof fetch>(async () => Response.json({ open: false }));
  vi.stubGlobal('fetch', request);
  show();
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  expect(screen.getByText('Enter your username.')).toBeTruthy();
  expect(screen.getByText('Enter your password.')).toBeTruthy();
  expect(request.mock.calls.map(([path]) => path)).not.toContain('/api/auth/login/');
});

it('language and theme are chosen before there is an account', async () => {
  withoutRegistration();
  show();
  expect(screen.getByText('Forgot your password? Ask your administrator.')).toBeTruthy();
  await userEvent.click(within(screen.getByTestId('login-theme')).getByLabelText('Dark'));
  await waitFor(() => expect(document.documentElement.getAttribute('data-mantine-color-scheme')).toBe('dark'));

  const reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined);
  await userEvent.click(within(screen.getByTestId('login-language')).getByLabelText('Română'));
  expect(reload).toHaveBeenCalledOnce();
  expect(readPreference('language')).toBe('ro');
});

it('the button of the password says what it does next', async () => {
  withoutRegistration();
  show();
  await userEvent.click(await screen.findByLabelText('Show password'));
  expect(await screen.findByLabelText('Hide password')).toBeTruthy();
});
