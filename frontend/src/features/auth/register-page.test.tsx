import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { SessionAnswer } from '@/lib/transport/api-types';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { CLIENT } from '@/testing/people';
import { errorBeside, heading } from '@/testing/screen';
import { answer, http, HttpResponse, problem, server } from '@/testing/server';

beforeAll(() => Promise.all([import('./login-page'), import('./register-page')]));

/** Registration is open; the service rejects the name "taken" and accepts the new user's login. */
function serveRegistration(): Record<string, unknown>[] {
  const accounts: Record<string, unknown>[] = [];
  answer('/api/auth/register/', () => ({ open: true }));
  server.use(
    http.post('/api/auth/register/', async ({ request }) => {
      const values = (await request.json()) as Record<string, unknown>;
      if (values.username === 'taken') return problem(400, 'invalid', { errors: { username: ['This user name is taken.'] } });
      accounts.push(values);
      return HttpResponse.json({ ...CLIENT, ...values, password: undefined }, { status: 201 });
    }),
    http.post('/api/auth/login/', async ({ request }) => {
      const { username, password } = (await request.json()) as Record<string, string>;
      return accounts.some((account) => account.username === username && account.password === password)
        ? HttpResponse.json<SessionAnswer>({ access: 'token', user: { ...CLIENT, username: username ?? '' } })
        : problem(401, 'invalid_credentials');
    }),
  );
  return accounts;
}

it('a visitor comes from the login page, makes an account and is logged in at the address that was asked for', async () => {
  serveEnergy([], () => null);
  const accounts = serveRegistration();
  const user = await openApp('/energy?period=month', null);
  await user.click(await screen.findByTestId('register'));

  await user.type(await screen.findByLabelText('Username'), ' dana ');
  await user.type(screen.getByLabelText('Password'), 'a long secret');
  await user.type(screen.getByLabelText('Email'), 'dana@example.com');
  await user.keyboard('{Enter}');

  expect(await screen.findByTestId('no-devices')).toBeTruthy();
  expect(location.pathname + location.search).toBe('/energy?period=month');
  expect(accounts).toEqual([{ username: 'dana', password: 'a long secret', first_name: '', last_name: '', email: 'dana@example.com' }]);
});

it('a name that is taken is an error at its field, and what was typed stays', async () => {
  serveRegistration();
  const user = await openApp('/register', null);
  await user.type(await screen.findByLabelText('Username'), 'taken');
  await user.type(screen.getByLabelText('Password'), 'a long secret{Enter}');

  await waitFor(() => expect(errorBeside('Username')).toContain('taken'));
  expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('a long secret');
});

it('empty fields are named without a request', async () => {
  const accounts = serveRegistration();
  const user = await openApp('/register', null);
  await user.click(await screen.findByTestId('register-submit'));

  expect([errorBeside('Username'), errorBeside('Password')]).toEqual(['This field is required.', 'This field is required.']);
  expect(accounts).toEqual([]);
});

it('a new user whose login is rejected reads that the account is there, and finds the way to the login', async () => {
  serveRegistration();
  server.use(http.post('/api/auth/login/', () => problem(429, 'throttled')));
  const user = await openApp('/register?next=%2Fenergy%3Fperiod%3Dweek', null);
  await user.type(await screen.findByLabelText('Username'), 'dana');
  await user.type(screen.getByLabelText('Password'), 'a long secret{Enter}');

  expect(await screen.findByText(/Your account is ready/)).toBeTruthy();
  expect(screen.getByText('Log in').getAttribute('href')).toBe('/login?next=%2Fenergy%3Fperiod%3Dweek');
});

it('where registration is closed, the login page has no link to it', async () => {
  await openApp('/login', null);

  await screen.findByTestId('login-submit');
  expect(screen.queryByTestId('register')).toBeNull();
});

it('where registration is closed, its page says whom to ask, and leads back', async () => {
  const user = await openApp('/register', null);
  expect(await screen.findByText(/An administrator creates the accounts here/)).toBeTruthy();
  expect(screen.queryByLabelText('Username')).toBeNull();
  await user.click(screen.getByText('Log in'));
  await waitFor(() => expect(location.pathname).toBe('/login'));
});

it('a registration page that gets no answer offers another try', async () => {
  server.use(http.get('/api/auth/register/', () => problem(403, 'origin_not_allowed')));
  const user = await openApp('/register', null);
  await screen.findByTestId('load-error');

  serveRegistration();
  await user.click(screen.getByText('Try again'));

  expect(await screen.findByLabelText('Username')).toBeTruthy();
  expect(heading()).toBe('Create an account');
});

it('a logged-in user who opens the page is led to their own', async () => {
  serveEnergy([], () => null);
  await openApp('/register');

  await screen.findByTestId('no-devices');
  expect(location.pathname).toBe('/energy');
});
