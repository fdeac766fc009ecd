import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Checkbox.css';
import { Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { ChevronDownIcon } from '@/components/icons';
import { t } from '@/lib/i18n/messages';
import classes from './data-table.module.css';
import { nextOrdering, wayOf, type Sorting } from './sorting';

export type Column<Row> = {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** 'end': figures and buttons. */
  align?: 'end';
  /** Actions on the row: its head is for screen readers only. */
  actions?: boolean;
  /** Kept on one line. */
  tight?: boolean;
  /** The name of the order by this column; without it the column does not sort. */
  sort?: string;
};

/** The chosen rows, by key; the words are for screen readers. */
export type Selection<Row> = {
  isSelected: (row: Row) => boolean;
  onRow: (row: Row, selected: boolean) => void;
  onPage: (selected: boolean) => void;
  nameOf: (row: Row) => string;
  pageName: string;
};

type DataTableProps<Row> = {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
  /** The next page is being fetched. */
  faded?: boolean;
  testId?: string;
  sorting?: Sorting;
  selection?: Selection<Row>;
  /** Many columns: the rows are cards on a tablet too. */
  wide?: boolean;
};

/** Rows under their heads; on a phone each row is a card. The first column names the row. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, faded = false, testId, sorting, selection, wide = false } = props;
  // The heads of cards are out of sight, so nothing in them may take the focus.
  const cards = useMediaQuery(`(max-width: ${wide ? 67.49 : 44.99}em)`, false, { getInitialValueInEffect: false });
  const [first, ...others] = columns;
  if (first === undefined) return null;
  return (
    <div className={classes.frame}>
      <table className={`${classes.table} ${cards ? classes.cards : ''}`} data-faded={faded || undefined} data-wide={wide || undefined} data-testid={testId}>
        <caption className={classes.caption}>{caption}</caption>
        <thead>
          <tr>
            {selection === undefined ? null : (
              <td className={classes.select}>{cards ? null : <PageBox selection={selection} rows={rows} />}</td>
            )}
            {columns.map((column) => (
              <Head key={column.key} column={column} sorting={cards ? undefined : sorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} data-row={rowKey(row)}>
              {selection === undefined ? null : (
                <td className={classes.select}>
                  <Checkbox
                    aria-label={selection.nameOf(row)}
                    checked={selection.isSelected(row)}
                    onChange={(event) => selection.onRow(row, event.currentTarget.checked)}
                  />
                </td>
              )}
              <th scope="row">{first.cell(row)}</th>
              {others.map((column) => {
                const value = column.cell(row);
                return (
                  <td
                    key={column.key}
                    data-head={column.actions ? '' : column.head}
                    data-actions={column.actions}
                    data-align={column.align}
                    data-empty={value === t.none || undefined}
                    data-tight={column.tight || undefined}
                  >
                    <div className={classes.value}>{value}</div>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Choose or clear all rows of the page; half set while only some are chosen. */
export function PageBox<Row>({ selection, rows, label }: { selection: Selection<Row>; rows: Row[]; label?: string }) {
  const chosen = rows.filter(selection.isSelected).length;
  return (
    <Checkbox
      {...(label === undefined ? { 'aria-label': selection.pageName } : { label })}
      checked={chosen > 0 && chosen === rows.length}
      indeterminate={chosen > 0 && chosen < rows.length}
      onChange={() => selection.onPage(chosen < rows.length)}
      data-testid={label === undefined ? 'select-page' : 'select-page-of-cards'}
    />
  );
}

function Head<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { sort, head } = column;
  if (sort === undefined || sorting === undefined) {
    return (
      <th scope="col" data-align={column.align}>
        {column.actions ? <span className={classes.caption}>{head}</span> : head}
      </th>
    );
  }
  const way = wayOf(sorting.ordering, sort);
  return (
    <th scope="col" data-align={column.align} aria-sort={way === 'none' ? undefined : way}>
      <button type="button" className={classes.sort} onClick={() => sorting.onSort(nextOrdering(sorting.ordering, sort))} data-testid={`sort-${sort}`}>
        {head}
        <span className={classes.arrow} data-way={way}>
          <ChevronDownIcon size={14} />
        </span>
      </button>
    </th>
  );
}
