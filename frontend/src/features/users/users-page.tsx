import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, type Column } from '@/components/admin/data-table';
import { ChoiceFilter, FilterBar, SearchFilter, useFilters } from '@/components/admin/filters';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { SortChoice } from '@/components/admin/sort-choice';
import { orderingOf } from '@/components/admin/sorting';
import { Tag } from '@/components/admin/tag';
import { MoreIcon, PlusIcon, SearchIcon } from '@/components/icons';
import { Panel } from '@/components/admin/panel';
import { useToast } from '@/components/admin/use-toast';
import { StatePanel } from '@/components/state-panel';
import { adminMessages } from '@/lib/i18n/admin';
import type { Account } from '@/lib/transport/admin-types';
import { moment } from '@/lib/labels/moments';
import { PAGE_SIZE, usersQuery } from './queries';
import { UserForm } from './user-form';
import { ConfirmUserAction, type UserAction } from './confirm-user-action';

/** Orders of the list that have a column. */
const ORDERINGS = ['username', 'last_name', 'email', 'role', 'last_login'];

type Open = { what: 'create' } | { what: 'edit'; user: Account } | { what: UserAction; user: Account } | null;

function userColumns(onOpen: (open: Open) => void): Column<Account>[] {
  return [
    { key: 'username', sort: 'username', head: adminMessages.users.username, cell: (user) => user.username },
    { key: 'name', sort: 'last_name', head: adminMessages.users.name, cell: (user) => `${user.first_name} ${user.last_name}`.trim() || '—' },
    { key: 'email', sort: 'email', head: adminMessages.users.email, cell: (user) => user.email || '—' },
    { key: 'role', sort: 'role', head: adminMessages.users.role, cell: (user) => adminMessages.users.roles[user.role] },
    {
      key: 'state',
      head: adminMessages.users.state,
      cell: (user) => <Tag tone={user.is_active ? 'good' : 'plain'}>{adminMessages.users.states[`${user.is_active}`]}</Tag>,
    },
    {
      key: 'login',
      sort: 'last_login',
      head: adminMessages.users.lastLogin,
      tight: true,
      cell: (user) => (user.last_login === null ? adminMessages.users.never : moment(user.last_login)),
    },
    { key: 'actions', head: adminMessages.actions, align: 'end', actions: true, cell: (user) => <UserMenu user={user} onOpen={onOpen} /> },
  ];
}

export function UsersPage() {
  const filters = useFilters();
  const [open, setOpen] = useState<Open>(null);
  const { toast, notify } = useToast();
  const { page } = filters;
  const sorting = {
    ordering: orderingOf(filters.get('ordering'), ORDERINGS, 'username'),
    onSort: (ordering: string) => filters.set('ordering', ordering),
  };
  const query = useQuery(
    usersQuery({
      search: filters.get('search'),
      role: filters.get('role'),
      is_active: filters.get('is_active'),
      ordering: sorting.ordering,
      page,
    }),
  );

  const columns = userColumns(setOpen);
  const close = () => setOpen(null);
  const done = (message: string) => {
    setOpen(null);
    notify(message);
  };

  return (
    <AdminPage
      title={adminMessages.users.title}
      lead={adminMessages.users.lead}
      actions={
        <Button leftSection={<PlusIcon size={18} />} onClick={() => setOpen({ what: 'create' })} data-testid="user-create">
          {adminMessages.users.create}
        </Button>
      }
    >
      <Panel>
        <FilterBar>
          <SearchFilter filters={filters} hint={adminMessages.users.searchHint} />
          <ChoiceFilter filters={filters} name="role" label={adminMessages.users.role} choices={adminMessages.users.roles} />
          <ChoiceFilter filters={filters} name="is_active" label={adminMessages.users.state} choices={adminMessages.users.states} />
          <SortChoice columns={columns} sorting={sorting} />
        </FilterBar>
        <ListState query={query}>
          {(list) =>
            list.count === 0 ? (
              <StatePanel icon={<SearchIcon />} title={adminMessages.users.emptyTitle} text={adminMessages.users.emptyText} />
            ) : (
              <>
                <DataTable
                  wide
                  caption={adminMessages.users.caption}
                  columns={columns}
                  rows={list.results}
                  rowKey={(user) => user.id}
                  faded={query.isPlaceholderData}
                  sorting={sorting}
                  testId="users"
                />
                <Pager page={page} size={PAGE_SIZE} total={list.count} onPage={(to) => filters.set('page', String(to))} />
              </>
            )
          }
        </ListState>
      </Panel>
      {toast}
      {open === null ? null : open.what === 'create' ? (
        <UserForm user={null} onClose={close} onDone={done} />
      ) : open.what === 'edit' ? (
        <UserForm user={open.user} onClose={close} onDone={done} />
      ) : (
        <ConfirmUserAction user={open.user} action={open.what} onClose={close} onDone={done} />
      )}
    </AdminPage>
  );
}

function UserMenu({ user, onOpen }: { user: Account; onOpen: (open: Open) => void }) {
  return (
    <Menu position="bottom-end" width={200} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={adminMessages.users.actions(user.username)}>
          <MoreIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onOpen({ what: 'edit', user })}>{adminMessages.edit}</Menu.Item>
        <Menu.Item component={Link} to={`/manage/devices?assigned_to=${user.id}`}>
          {adminMessages.users.devices}
        </Menu.Item>
        <Menu.Item onClick={() => onOpen({ what: user.is_active ? 'disable' : 'enable', user })}>
          {user.is_active ? adminMessages.users.disable : adminMessages.users.enable}
        </Menu.Item>
        <Menu.Item onClick={() => onOpen({ what: 'delete', user })}>{adminMessages.delete}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
