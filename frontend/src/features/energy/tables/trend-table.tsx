import { aligned } from '@/lib/labels/format';
import { totalsAtEnds } from '@/lib/energy/series';
import classes from './hour-table.module.css';

type Known = { kwh: number | null };
type TrendTableProps = {
  caption: string;
  /** What a row is: an hour, a day, a month. */
  slot: string;
  names: readonly string[];
  own: { name: string; slots: readonly Known[] };
  before: { name: string; slots: readonly Known[] } | null;
};

/** The numbers of a trend chart, for screen readers: the running total at each slot's end. */
export function TrendTable({ caption, slot, names, own, before }: TrendTableProps) {
  const series = before === null ? [own] : [own, before];
  const totals = series.map((one) => totalsAtEnds(one.slots));
  return (
    <div className={classes.hidden}>
      <table data-testid="trend-table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{slot}</th>
            {series.map((one) => (
              <th key={one.name} scope="col">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name, index) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {series.map((one, at) => (
                <td key={one.name}>{aligned(totals[at]?.[index] ?? null)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
