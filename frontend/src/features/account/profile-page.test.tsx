import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { Session } from '@/lib/api/auth';
import type { User } from '@/lib/transport/api-types';
import { openApp } from '@/testing/open-app';
import { CLIENT } from '@/testing/people';
import { errorBeside, rows } from '@/testing/screen';
import { answer, http, HttpResponse, problem, server } from '@/testing/server';

beforeAll(() => import('./profile-page'));

const aSession = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  created_at: '2026-03-18T08:00:00Z',
  last_used_at: '2026-03-20T15:20:00Z',
  expires_at: '2026-03-27T15:20:00Z',
  program: 'Firefox',
  system: 'Windows',
  address: '192.0.2.7',
  current: false,
  ...more,
});
const HERE = aSession('here', { current: true });
const PHONE = aSession('phone', { program: 'Chrome', system: 'Android' });
const SCRIPT = aSession('script', { program: 'curl', system: '', address: null });

/** Open the page; the service keeps the account, the password "right" and the sessions. Returns what it has. */
async function openProfile(sessions: Session[] = [HERE, PHONE, SCRIPT], as: User = CLIENT) {
  const service = { user: as, password: 'right', sessions };
  answer('/api/auth/sessions/', (query) => {
    const size = Number(query.get('page_size'));
    const from = (Number(query.get('page')) - 1) * size;
    return { count: service.sessions.length, next: null, previous: null, results: service.sessions.slice(from, from + size) };
  });
  server.use(
    http.patch('/api/auth/me/', async ({ request }) => {
      const values = (await request.json()) as Partial<User>;
      if (values.phone === 'abc') return problem(400, 'invalid', { errors: { phone: ['A phone number has digits.'] } });
      service.user = { ...service.user, ...values };
      return HttpResponse.json(service.user);
    }),
    http.post('/api/auth/password/', async ({ request }) => {
      const values = (await request.json()) as Record<string, unknown>;
      if (values.current_password !== service.password) {
        return problem(400, 'invalid', { errors: { current_password: ['This is not the current password.'] } });
      }
      service.password = String(values.new_password);
      if (values.keep_session) service.sessions = service.sessions.filter(({ current }) => current);
      return new HttpResponse(null, { status: 204 });
    }),
    http.delete('/api/auth/sessions/', () => {
      service.sessions = service.sessions.filter(({ current }) => current);
      return new HttpResponse(null, { status: 204 });
    }),
    http.delete('/api/auth/sessions/:id/', ({ params }) => {
      if (!service.sessions.some(({ id }) => id === params.id)) return problem(404, 'not_found');
      service.sessions = service.sessions.filter(({ id }) => id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const user = await openApp('/profile', as);
  await screen.findByTestId('sessions');
  return { user, service };
}

const devices = async () => (await rows('sessions')).map(([device]) => device);
const inside = (testId: string) => within(screen.getByTestId(testId));

it('a user finds their account in the menu', async () => {
  answer('/api/auth/sessions/', () => ({ count: 1, next: null, previous: null, results: [HERE] }));
  const user = await openApp('/nowhere');
  await user.click(await screen.findByTestId('user-menu'));
  await user.click(await screen.findByTestId('own-account'));

  expect(await screen.findByText('Your details')).toBeTruthy();
  expect(location.pathname).toBe('/profile');
});

it('changed details are marked as not saved, then saved, and the menu has the new name at once', async () => {
  const { user, service } = await openProfile();
  expect(screen.getByTestId<HTMLButtonElement>('save-details').disabled).toBe(true);
  await user.type(screen.getByLabelText('First name'), 'Alice');
  await user.type(screen.getByLabelText('Phone'), '+40 721 000 000');
  expect(screen.getByText('Not saved yet')).toBeTruthy();

  await user.keyboard('{Enter}');

  expect((await screen.findByTestId('done')).textContent).toContain('Your details are saved.');
  expect(screen.queryByText('Not saved yet')).toBeNull();
  expect(screen.getByTestId('user-menu').textContent).toContain('Alice');
  expect([service.user.first_name, service.user.phone]).toEqual(['Alice', '+40 721 000 000']);
});

async function openHelp(user: Awaited<ReturnType<typeof openApp>>): Promise<void> {
  await user.click(screen.getByTestId('user-menu'));
  await user.click(await screen.findByTestId('help'));
}

it('leaving the page with changes that are not saved asks first', async () => {
  const { user } = await openProfile();
  await user.type(await screen.findByLabelText('First name'), 'x');
  await openHelp(user);
  const question = await screen.findByRole('dialog', { name: 'Leave without saving?' });
  await user.click(within(question).getByRole('button', { name: 'Cancel' }));
  expect(location.pathname).toBe('/profile');
  expect(screen.getByLabelText<HTMLInputElement>('First name').value).toMatch(/x$/);

  await openHelp(user);
  await user.click(await screen.findByRole('button', { name: 'Leave without saving' }));
  await waitFor(() => expect(location.pathname).toBe('/help'));
});

it('logging out does not ask about changes that are not saved', async () => {
  const { user } = await openProfile();
  await user.type(await screen.findByLabelText('First name'), 'x');
  await user.click(screen.getByTestId('user-menu'));
  await user.click(await screen.findByTestId('logout'));
  expect(await screen.findByTestId('login-submit')).toBeTruthy();
});

it('a rejected field has its error beside it, and what was typed stays', async () => {
  const { user, service } = await openProfile();
  await user.type(screen.getByLabelText('Phone'), 'abc{Enter}');

  await waitFor(() => expect(errorBeside('Phone')).toContain('digits'));
  expect(screen.getByText('Not saved yet')).toBeTruthy();
  expect(service.user.phone).toBe('');
});

it('a new password keeps this session, ends the others and empties the fields', async () => {
  const { user, service } = await openProfile();
  await user.type(screen.getByLabelText('Current password'), 'right');
  await user.type(screen.getByLabelText('New password'), 'a better one');
  await user.click(screen.getByTestId('change-password'));

  expect((await screen.findByTestId('done')).textContent).toContain('Your password is changed.');
  expect(service.password).toBe('a better one');
  await waitFor(async () => expect(await devices()).toEqual(['Firefox on WindowsThis session']));
  expect(screen.getByLabelText<HTMLInputElement>('Current password').value).toBe('');
});

it('a wrong current password is an error at its field', async () => {
  const { user, service } = await openProfile();
  await user.type(screen.getByLabelText('Current password'), 'wrong');
  await user.type(screen.getByLabelText('New password'), 'a better one{Enter}');

  await waitFor(() => expect(errorBeside('Current password')).toContain('not the current password'));
  expect(service.password).toBe('right');
});

it('a password change without both passwords is not sent', async () => {
  const { user, service } = await openProfile();
  await user.click(screen.getByTestId('change-password'));

  expect([errorBeside('Current password'), errorBeside('New password')]).toEqual(['This field is required.', 'This field is required.']);
  for (const label of ['Current password', 'New password']) {
    expect(screen.getByLabelText(label).getAttribute('aria-invalid')).toBe('true');
  }
  expect(service.password).toBe('right');
});

it('the list names the device of each session, marks this one and ends another', async () => {
  const { user } = await openProfile();
  expect(await devices()).toEqual(['Firefox on WindowsThis session', 'Chrome on Android', 'curl']);
  expect(inside('sessions').queryAllByText('End')).toHaveLength(2);

  await user.click(screen.getByLabelText('End the session of Chrome on Android'));

  expect((await screen.findByTestId('done')).textContent).toContain('Chrome on Android has ended');
  await waitFor(async () => expect(await devices()).toEqual(['Firefox on WindowsThis session', 'curl']));
});

it('a session that has ended meanwhile leaves the list without an error', async () => {
  const { user, service } = await openProfile();
  service.sessions = [HERE, SCRIPT];

  await user.click(screen.getByLabelText('End the session of Chrome on Android'));

  await waitFor(async () => expect(await devices()).toEqual(['Firefox on WindowsThis session', 'curl']));
  expect(screen.queryByTestId('form-error')).toBeNull();
});

it('a session that the server does not end stays in the list, with the reason', async () => {
  const { user } = await openProfile();
  server.use(http.delete('/api/auth/sessions/:id/', () => problem(500, 'internal_error')));

  await user.click(screen.getByLabelText('End the session of curl'));

  expect((await screen.findByTestId('form-error')).textContent).toContain('500');
  expect(await devices()).toHaveLength(3);
});

it('all other sessions end after a question', async () => {
  const { user } = await openProfile();
  await user.click(screen.getByTestId('end-others'));
  expect(await screen.findByText('End 2 other sessions?')).toBeTruthy();

  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(async () => expect(await devices()).toEqual(['Firefox on WindowsThis session']));
  expect(screen.queryByTestId('end-others')).toBeNull();
});

it('logging out everywhere ends this session too', async () => {
  let sent: unknown;
  const { user } = await openProfile();
  server.use(
    http.post('/api/auth/logout/', async ({ request }) => {
      sent ??= await request.json();
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await user.click(screen.getByTestId('log-out-everywhere'));
  await user.click(await screen.findByTestId('dialog-submit'));

  await waitFor(() => expect(location.pathname).toBe('/login'));
  expect(sent).toEqual({ everywhere: true });
});

it('logging out everywhere that does not reach the server keeps the page and says so', async () => {
  const { user } = await openProfile();
  server.use(http.post('/api/auth/logout/', () => HttpResponse.error(), { once: true }));
  await user.click(screen.getByTestId('log-out-everywhere'));
  await user.click(await screen.findByTestId('dialog-submit'));

  expect((await screen.findByTestId('form-error')).textContent).toContain('cannot be reached');
  expect(location.pathname).toBe('/profile');
});

it('many sessions come page by page', async () => {
  const { user } = await openProfile([HERE, ...Array.from({ length: 11 }, (_, n) => aSession(`s${n}`, { program: `script${n}`, system: '' }))]);
  expect(await devices()).toHaveLength(10);

  await user.click(screen.getByLabelText('Next page'));

  await waitFor(async () => expect(await devices()).toEqual(['script9', 'script10']));
});

it('the theme changes at once and is kept with the account', async () => {
  const { user, service } = await openProfile();

  await user.click(inside('own-look').getByLabelText('Dark'));

  expect(document.documentElement.dataset.mantineColorScheme).toBe('dark');
  await waitFor(() => expect(service.user.theme).toBe('dark'));
});

it('a list of sessions that cannot be loaded says so and leaves the rest of the page', async () => {
  server.use(http.get('/api/auth/sessions/', () => problem(403, 'permission_denied')));
  await openApp('/profile');

  expect(await screen.findByTestId('load-error')).toBeTruthy();
  expect(screen.getByLabelText('First name')).toBeTruthy();
});
