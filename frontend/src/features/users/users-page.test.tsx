import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { Account } from '@/lib/transport/admin-types';
import { openApp } from '@/testing/open-app';
import { ADMIN, anAccount, CLIENT } from '@/testing/people';
import { errorBeside, rows } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

beforeAll(() => import('./users-page'));

/** Open the page; the service keeps `accounts` and rejects passwords that are too short, and the loss of the last administrator. */
async function openUsers(accounts: Account[] = [anAccount(ADMIN), anAccount(CLIENT)]) {
  let users = accounts;
  const isLastAdmin = (id: unknown) => users.every((user) => (user.role === 'admin' && user.is_active ? user.id === id : true)) && id === ADMIN.id;
  answer('/api/users/', (query) => pageOf(users.filter(({ username }) => username.includes(query.get('search') ?? ''))));
  server.use(
    http.post('/api/users/', async ({ request }) => {
      const values = (await request.json()) as Account & { password: string };
      if (values.password.length < 8) return problem(400, 'invalid', { errors: { password: ['This password is too short.'] } });
      const user = anAccount({ ...CLIENT, ...values, id: '33333333-3333-4333-8333-333333333333' });
      users = [...users, user];
      return HttpResponse.json(user, { status: 201 });
    }),
    http.patch('/api/users/:id/', async ({ params, request }) => {
      if (isLastAdmin(params.id)) return problem(409, 'last_admin');
      const values = (await request.json()) as Partial<Account>;
      users = users.map((user) => (user.id === params.id ? { ...user, ...values } : user));
      return HttpResponse.json(users.find((user) => user.id === params.id) ?? {});
    }),
    http.delete('/api/users/:id/', ({ params }) => {
      if (isLastAdmin(params.id)) return problem(409, 'last_admin');
      users = users.filter((user) => user.id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const hands = await openApp('/manage/users', ADMIN);
  await screen.findByTestId('users');
  return hands;
}

type Hands = Awaited<ReturnType<typeof openUsers>>;

async function choose(hands: Hands, user: string, action: string) {
  await hands.click(screen.getByLabelText(`Actions for ${user}`));
  await hands.click(await screen.findByText(action, { selector: '[role=menuitem] *' }));
}

const listed = async () => (await rows('users')).map(([name, , , role, state]) => [name, role, state]);

it('a new user appears in the list once the service accepts the password', async () => {
  const hands = await openUsers();
  await hands.click(screen.getByTestId('user-create'));
  await hands.type(await screen.findByLabelText(/^User name/), 'bob');
  await hands.type(screen.getByLabelText(/^Password/), '123');
  await hands.click(screen.getByTestId('dialog-submit'));
  await waitFor(() => expect(errorBeside(/^Password/)).toBe('This password is too short.'));

  await hands.type(screen.getByLabelText(/^Password/), '45678');
  await hands.click(screen.getByTestId('dialog-submit'));

  await waitFor(async () => expect(await listed()).toContainEqual(['bob', 'Client', 'Active']));
  expect(screen.queryByTestId('dialog-submit')).toBeNull();
  expect(screen.getByTestId('done').textContent).toBe('Saved.');
});

it('a user is deleted after a question that names the consequences', async () => {
  const hands = await openUsers();
  await choose(hands, 'alice', 'Delete');
  expect(await screen.findByText(/Their sessions and assignments end at once/)).toBeTruthy();
  expect(await listed()).toHaveLength(2);

  await hands.click(screen.getByTestId('dialog-submit'));

  await waitFor(async () => expect(await listed()).toEqual([['root', 'Administrator', 'Active']]));
});

it.each(['Delete', 'Disable'])('the last administrator stays, and the dialog says why: %s', async (action) => {
  const hands = await openUsers();
  await choose(hands, 'root', action);
  await hands.click(await screen.findByTestId('dialog-submit'));

  expect((await screen.findByTestId('form-error')).textContent).toBe(
    'This is the last active administrator. Make somebody else one first.',
  );
  expect(await listed()).toContainEqual(['root', 'Administrator', 'Active']);
});

it('a user is disabled and enabled again', async () => {
  const hands = await openUsers();
  await choose(hands, 'alice', 'Disable');
  await hands.click(await screen.findByTestId('dialog-submit'));
  await waitFor(async () => expect(await listed()).toContainEqual(['alice', 'Client', 'Disabled']));

  await choose(hands, 'alice', 'Enable');
  await hands.click(await screen.findByTestId('dialog-submit'));
  await waitFor(async () => expect(await listed()).toContainEqual(['alice', 'Client', 'Active']));
});

it('the list shows the users that the search leaves', async () => {
  const hands = await openUsers();
  await hands.type(screen.getByTestId('search'), 'ali');
  await waitFor(async () => expect((await listed()).map(([name]) => name)).toEqual(['alice']));
});
