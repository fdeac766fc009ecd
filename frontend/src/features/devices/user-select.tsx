import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { adminMessages } from '@/lib/i18n/admin';
import type { Account } from '@/lib/transport/admin-types';
import { userQuery, userSearchQuery } from './queries';

type UserSelectProps = {
  label: string;
  /** The label stands above the field; otherwise only screen readers speak it. */
  shown?: boolean;
  placeholder: string;
  value: string | null;
  onChange: (userId: string | null) => void;
  clearable?: boolean;
  className?: string | undefined;
  testId: string;
};

const nameOf = (user: Account) => {
  const name = `${user.first_name} ${user.last_name}`.trim();
  return name === '' ? user.username : `${user.username} (${name})`;
};

/** A field to choose a user; the server searches for the typed text. */
export function UserSelect(props: UserSelectProps) {
  const { label, shown = false, placeholder, value, onChange, clearable = false, className, testId } = props;
  const [search, setSearch] = useState('');
  const chosen = useQuery({ ...userQuery(value ?? ''), enabled: value !== null && value !== '' });
  const [settled] = useDebouncedValue(search.trim(), 200);
  const typed = chosen.data !== undefined && settled === nameOf(chosen.data) ? '' : settled;
  const matches = useQuery(userSearchQuery(typed));
  const offered = matches.data?.results ?? [];
  const known =
    chosen.data === undefined || value === null || offered.some((user) => user.id === value)
      ? offered
      : [chosen.data, ...offered];

  return (
    <Select
      className={className ?? ''}
      {...(shown ? { label } : { 'aria-label': label })}
      placeholder={placeholder}
      data={known.map((user) => ({ value: user.id, label: nameOf(user) }))}
      value={value === '' ? null : value}
      onChange={onChange}
      searchable
      onSearchChange={setSearch}
      filter={({ options }) => options}
      nothingFoundMessage={adminMessages.assignments.nobodyFound}
      clearable={clearable}
      clearButtonProps={{ 'aria-label': adminMessages.devices.anyone }}
      withScrollArea={false}
      styles={{ dropdown: { maxHeight: 300, overflowY: 'auto' } }}
      data-testid={testId}
    />
  );
}
