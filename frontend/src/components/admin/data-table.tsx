import type { ReactNode } from 'react';
import { t } from '@/lib/i18n/messages';
import classes from './data-table.module.css';

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
};

type DataTableProps<Row> = {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
  /** The next page is being fetched. */
  faded?: boolean;
  testId?: string;
};

/** Rows under their heads; on a phone each row is a card. The first column names the row. */
export function DataTable<Row>({ caption, columns, rows, rowKey, faded = false, testId }: DataTableProps<Row>) {
  const [first, ...others] = columns;
  if (first === undefined) return null;
  return (
    <table className={classes.table} data-faded={faded || undefined} data-testid={testId}>
      <caption className={classes.caption}>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" data-align={column.align}>
              {column.actions ? <span className={classes.caption}>{column.head}</span> : column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)} data-row={rowKey(row)}>
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
  );
}
