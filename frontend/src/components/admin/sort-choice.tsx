import { Select } from '@mantine/core';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import type { Column } from './data-table';
import classes from './sort-choice.module.css';
import type { Sorting } from './sorting';

/** The order of a list where its rows are cards and have no heads to click. */
export function SortChoice<Row>({ columns, sorting }: { columns: Column<Row>[]; sorting: Sorting }) {
  const data = columns.flatMap(({ head, sort }) =>
    sort === undefined
      ? []
      : [
          { value: sort, label: deviceMessages.sort.ascending(head) },
          { value: `-${sort}`, label: deviceMessages.sort.descending(head) },
        ],
  );
  return (
    <Select
      className={classes.choice}
      aria-label={deviceMessages.sort.by}
      data={data}
      value={sorting.ordering}
      onChange={(ordering) => (ordering === null ? undefined : sorting.onSort(ordering))}
      allowDeselect={false}
      withScrollArea={false}
      styles={{ dropdown: { maxHeight: 360, overflowY: 'auto' } }}
      data-testid="sort"
    />
  );
}
