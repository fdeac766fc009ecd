import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, type Column } from '@/components/admin/data-table';
import { DoneNote } from '@/components/admin/done-note';
import { ChoiceFilter, FilterBar, SearchFilter, useFilters } from '@/components/admin/filters';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Tag } from '@/components/admin/tag';
import { MoreIcon, PlusIcon, SearchIcon } from '@/components/icons';
import { Panel } from '@/components/admin/panel';
import { StatePanel } from '@/components/state-panel';
import { ta } from '@/lib/i18n/admin';
import type { Account } from '@/lib/transport/admin-types';
import { moment } from '@/lib/labels/moments';
import { PAGE_SIZE, usersQuery } from './queries';
import { UserForm } from './user-form';
import { UserQuestion, type UserAction } from './user-question';

type Open = { what: 'create' } | { what: 'edit'; user: Account } | { what: UserAction; user: Account } | null;

function userColumns(onOpen: (open: Open) => void): Column<Account>[] {
  return [
    { key: 'username', head: ta.users.username, cell: (user) => user.username },
    { key: 'name', head: ta.users.name, cell: (user) => `${user.first_name} ${user.last_name}`.trim() || '—' },
    { key: 'email', head: ta.users.email, cell: (user) => user.email || '—' },
    { key: 'role', head: ta.users.role, cell: (user) => ta.users.roles[user.role] },
    {
      key: 'state',
      head: ta.users.state,
      cell: (user) => <Tag tone={user.is_active ? 'good' : 'plain'}>{ta.users.states[`${user.is_active}`]}</Tag>,
    },
    {
      key: 'login',
      head: ta.users.lastLogin,
      tight: true,
      cell: (user) => (user.last_login === null ? ta.users.never : moment(user.last_login)),
    },
    { key: 'actions', head: ta.actions, align: 'end', actions: true, cell: (user) => <UserMenu user={user} onOpen={onOpen} /> },
  ];
}

export function UsersPage() {
  const filters = useFilters();
  const [open, setOpen] = useState<Open>(null);
  const [said, setSaid] = useState('');
  const forget = useCallback(() => setSaid(''), []);
  const { page } = filters;
  const query = useQuery(
    usersQuery({ search: filters.get('search'), role: filters.get('role'), is_active: filters.get('is_active'), page }),
  );

  const columns = userColumns(setOpen);
  const close = () => setOpen(null);
  const done = (words: string) => {
    setOpen(null);
    setSaid(words);
  };

  return (
    <AdminPage
      title={ta.users.title}
      lead={ta.users.lead}
      actions={
        <Button leftSection={<PlusIcon size={18} />} onClick={() => setOpen({ what: 'create' })} data-testid="user-create">
          {ta.users.create}
        </Button>
      }
    >
      <Panel>
        <FilterBar>
          <SearchFilter filters={filters} hint={ta.users.searchHint} />
          <ChoiceFilter filters={filters} name="role" label={ta.users.role} choices={ta.users.roles} />
          <ChoiceFilter filters={filters} name="is_active" label={ta.users.state} choices={ta.users.states} />
        </FilterBar>
        <ListState query={query}>
          {(found) =>
            found.count === 0 ? (
              <StatePanel icon={<SearchIcon />} title={ta.users.emptyTitle} text={ta.users.emptyText} />
            ) : (
              <>
                <DataTable
                  caption={ta.users.caption}
                  columns={columns}
                  rows={found.results}
                  rowKey={(user) => user.id}
                  faded={query.isPlaceholderData}
                  testId="users"
                />
                <Pager page={page} size={PAGE_SIZE} total={found.count} onPage={(to) => filters.set('page', String(to))} />
              </>
            )
          }
        </ListState>
      </Panel>
      <DoneNote text={said} onGone={forget} />
      {open === null ? null : open.what === 'create' ? (
        <UserForm user={null} onClose={close} onDone={done} />
      ) : open.what === 'edit' ? (
        <UserForm user={open.user} onClose={close} onDone={done} />
      ) : (
        <UserQuestion user={open.user} action={open.what} onClose={close} onDone={done} />
      )}
    </AdminPage>
  );
}

function UserMenu({ user, onOpen }: { user: Account; onOpen: (open: Open) => void }) {
  return (
    <Menu position="bottom-end" width={200} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={ta.users.actions(user.username)}>
          <MoreIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onOpen({ what: 'edit', user })}>{ta.edit}</Menu.Item>
        <Menu.Item component={Link} to={`/manage/devices?assigned_to=${user.id}`}>
          {ta.users.devices}
        </Menu.Item>
        <Menu.Item onClick={() => onOpen({ what: user.is_active ? 'disable' : 'enable', user })}>
          {user.is_active ? ta.users.disable : ta.users.enable}
        </Menu.Item>
        <Menu.Item onClick={() => onOpen({ what: 'delete', user })}>{ta.delete}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
