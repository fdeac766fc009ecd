import { Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { LoadError } from '@/components/load-error';
import { t } from '@/lib/i18n/messages';
import classes from './list-state.module.css';

const LINES = ['a', 'b', 'c', 'd', 'e', 'f'];

type ListStateProps<Data> = { query: UseQueryResult<Data>; children: (data: Data) => ReactNode };

/** A list that is loading, has failed, or is there. */
export function ListState<Data>({ query, children }: ListStateProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) {
    return <LoadError error={query.error} onRetry={() => void query.refetch()} retrying={query.isFetching} />;
  }
  return (
    <div className={classes.waiting} role="status" aria-label={t.loading}>
      {LINES.map((line) => (
        <Skeleton key={line} height={20} radius="sm" />
      ))}
    </div>
  );
}
