import { screen, waitFor } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { beforeAll, expect, it } from 'vitest';
import type { Account } from '@/lib/transport/admin-types';
import { openApp } from '@/testing/open-app';
import { ADMIN, anAccount, CLIENT } from '@/testing/people';
import { errorBeside, rows, setWidth } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

beforeAll(() => import('./users-page'));

/** Open the page; the service keeps `accounts` and rejects passwords that are too short, and the loss of the last administrator. */
async function openUsers(accounts: Account[] = [anAccount(ADMIN), anAccount(CLIENT)]) {
  let users = accounts;
  const isLastAdmin = (id: unknown) => users.every((account) => (account.role === 'admin' && account.is_active ? account.id === id : true)) && id === ADMIN.id;
  answer('/api/users/', (query) => pageOf(users.filter(({ username }) => username.includes(query.get('search') ?? ''))));
  server.use(
    http.post('/api/users/', async ({ request }) => {
      const values = (await request.json()) as Account & { password: string };
      if (values.password.length < 8) return problem(400, 'invalid', { errors: { password: ['This password is too short.'] } });
      const account = anAccount({ ...CLIENT, ...values, id: '33333333-3333-4333-8333-333333333333' });
      users = [...users, account];
      return HttpResponse.json(account, { status: 201 });
    }),
    http.patch('/api/users/:id/', async ({ params, request }) => {
      if (isLastAdmin(params.id)) return problem(409, 'last_admin');
      const values = (await request.json()) as Partial<Account>;
      users = users.map((account) => (account.id === params.id ? { ...account, ...values } : account));
      return HttpResponse.json(users.find((account) => account.id === params.id) ?? {});
    }),
    http.delete('/api/users/:id/', ({ params }) => {
      if (isLastAdmin(params.id)) return problem(409, 'last_admin');
      users = users.filter((account) => account.id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const user = await openApp('/manage/users', ADMIN);
  await screen.findByTestId('users');
  return user;
}

async function act(user: UserEvent, username: string, action: string) {
  await user.click(screen.getByLabelText(`Actions for ${username}`));
  await user.click(await screen.findByText(action, { selector: '[role=menuitem] *' }));
}

const listed = async () => (await rows('users')).map(([name, , , role, state]) => [name, role, state]);

it('a new user appears in the list once the service accepts the password', async () => {
  const user = await openUsers();
  await user.click(screen.getByTestId('user-create'));
  await user.type(await screen.findByLabelText(/^Username/), 'bob');
  await user.type(screen.getByLabelText(/^Password/), '123');
  await user.click(screen.getByTestId('dialog-submit'));
  await waitFor(() => expect(errorBeside(/^Password/)).toBe('This password is too short.'));

  await user.type(screen.getByLabelText(/^Password/), '45678');
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(async () => expect(await listed()).toContainEqual(['bob', 'Client', 'Active']));
  expect(screen.queryByTestId('dialog-submit')).toBeNull();
  expect(screen.getByTestId('done').textContent).toBe('Saved.');
});

it('an administrator generates a password, reads it, copies it and gives it to the new user', async () => {
  const user = await openUsers();
  let sent: unknown;
  server.use(
    http.post('/api/users/', async ({ request }) => {
      sent = ((await request.json()) as Record<string, unknown>).password;
      return HttpResponse.json(anAccount(CLIENT), { status: 201 });
    }),
  );
  await user.click(screen.getByTestId('user-create'));
  await user.type(await screen.findByLabelText(/^Username/), 'bob');
  await user.click(screen.getByTestId('draw-password'));

  const field = screen.getByLabelText<HTMLInputElement>(/^Password/);
  expect(field.type).toBe('text');
  expect(screen.getByText(/Hand it over now/)).toBeTruthy();
  const password = field.value;
  await user.click(screen.getByTestId('copy-password'));
  expect(await screen.findByText('Copied')).toBeTruthy();
  expect(await navigator.clipboard.readText()).toBe(password);
  await user.click(screen.getByTestId('dialog-submit'));

  await screen.findByTestId('done');
  expect(sent).toBe(password);
});

it('a user is deleted after a question that names the consequences', async () => {
  const user = await openUsers();
  await act(user, 'alice', 'Delete');
  expect(await screen.findByText(/Sessions and assignments of this user end immediately/)).toBeTruthy();
  expect(await listed()).toHaveLength(2);

  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(async () => expect(await listed()).toEqual([['root', 'Administrator', 'Active']]));
});

it.each(['Delete', 'Disable'])('the last administrator stays, and the dialog says why: %s', async (action) => {
  const user = await openUsers();
  await act(user, 'root', action);
  await user.click(await screen.findByTestId('dialog-submit'));

  expect((await screen.findByTestId('form-error')).textContent).toBe(
    'This is the last active administrator. Make someone else an administrator first.',
  );
  expect(await listed()).toContainEqual(['root', 'Administrator', 'Active']);
});

it('a user is disabled and enabled again', async () => {
  const user = await openUsers();
  await act(user, 'alice', 'Disable');
  await user.click(await screen.findByTestId('dialog-submit'));
  await waitFor(async () => expect(await listed()).toContainEqual(['alice', 'Client', 'Disabled']));

  await act(user, 'alice', 'Enable');
  await user.click(await screen.findByTestId('dialog-submit'));
  await waitFor(async () => expect(await listed()).toContainEqual(['alice', 'Client', 'Active']));
});

it('the list shows the users that the search leaves', async () => {
  const user = await openUsers();
  await user.type(screen.getByTestId('search'), 'ali');
  await waitFor(async () => expect((await listed()).map(([name]) => name)).toEqual(['alice']));
});

it('a click on the head of a column sorts the users by it', async () => {
  setWidth(1440);
  const orderings: (string | null)[] = [];
  const user = await openUsers();
  answer('/api/users/', (query) => {
    orderings.push(query.get('ordering'));
    return pageOf([anAccount(ADMIN)]);
  });

  await user.click(screen.getByTestId('sort-last_login'));
  await waitFor(() => expect(orderings).toContain('last_login'));
  await user.click(screen.getByTestId('sort-last_login'));

  await waitFor(() => expect(orderings).toContain('-last_login'));
});
