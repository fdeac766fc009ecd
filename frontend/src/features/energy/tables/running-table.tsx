import { aligned } from '@/lib/labels/format';
import { totalsAtEnds } from '@/lib/energy/running-total';
import classes from './table.module.css';

type Known = { kwh: number | null };
type RunningTableProps = {
  caption: string;
  /** Heading of the first column: an hour, a day, a month. */
  slot: string;
  names: readonly string[];
  own: { name: string; slots: readonly Known[] };
  before: { name: string; slots: readonly Known[] } | null;
};

/** The numbers of a running chart, for screen readers: the total at each slot's end. */
export function RunningTable({ caption, slot, names, own, before }: RunningTableProps) {
  const series = before === null ? [own] : [own, before];
  const totals = series.map((column) => totalsAtEnds(column.slots));
  return (
    <div className={classes.hidden}>
      <table data-testid="trend-table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{slot}</th>
            {series.map((column) => (
              <th key={column.name} scope="col">
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name, index) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {series.map((column, at) => (
                <td key={column.name}>{aligned(totals[at]?.[index] ?? null)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
