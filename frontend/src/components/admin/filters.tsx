// The filters of a list, kept in the address: back works, and a link can be shared.
import { Select, TextInput } from '@mantine/core';
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { SearchIcon } from '@/components/icons';
import { adminMessages } from '@/lib/i18n/admin';
import classes from './filters.module.css';

const SETTLES_AFTER_MS = 250;

export function useFilters() {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (name: string, value: string | null) => {
      setParams(
        () => {
          // The address as the browser has it now: of two quick changes the second must not undo the first.
          const after = new URLSearchParams(location.search);
          if (value === null || value === '') after.delete(name);
          else after.set(name, value);
          // Another filter gives other rows: begin with the first page.
          if (name !== 'page') after.delete('page');
          return after;
        },
        { replace: name !== 'page' },
      );
    },
    [setParams],
  );
  const page = Number(params.get('page') ?? '1');
  return { get: (name: string) => params.get(name) ?? '', set, page: Number.isInteger(page) && page > 0 ? page : 1 };
}

export type Filters = ReturnType<typeof useFilters>;

export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <div className={classes.bar} role="search">
      {children}
    </div>
  );
}

export function SearchFilter({ filters, hint }: { filters: Filters; hint: string }) {
  const { get, set } = filters;
  const inAddress = get('search');
  const [text, setText] = useState(inAddress);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => set('search', value.trim()), SETTLES_AFTER_MS);
  };
  return (
    <TextInput
      className={classes.search}
      type="search"
      aria-label={adminMessages.search}
      placeholder={hint}
      leftSection={<SearchIcon size={18} />}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      data-testid="search"
    />
  );
}

type ChoiceFilterProps = { filters: Filters; name: string; label: string; choices: Record<string, string> };

/** One of some values, or all of them. */
export function ChoiceFilter({ filters, name, label, choices }: ChoiceFilterProps) {
  const value = filters.get(name);
  const data = [
    { value: '', label: `${label}: ${adminMessages.all}` },
    ...Object.entries(choices).map(([choice, words]) => ({ value: choice, label: words })),
  ];
  return (
    <Select
      className={classes.choice}
      aria-label={label}
      data={data}
      value={value in choices ? value : ''}
      onChange={(chosen) => filters.set(name, chosen)}
      allowDeselect={false}
      withScrollArea={false}
      styles={{ dropdown: { maxHeight: 360, overflowY: 'auto' } }}
      data-testid={`filter-${name}`}
    />
  );
}
