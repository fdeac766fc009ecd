import type { Hour } from '@/lib/energy-day';
import { exact } from '@/lib/format';
import { hourRange, hourState } from '@/lib/hour-labels';
import { t } from '@/lib/messages';
import classes from './hour-table.module.css';

type HourTableProps = { hours: Hour[]; zone: string; limit: number | null; caption: string; hidden: boolean };

/** The chart's numbers as a table. `hidden`: for screen readers only. */
export function HourTable({ hours, zone, limit, caption, hidden }: HourTableProps) {
  return (
    <div className={hidden ? classes.hidden : classes.shown}>
      <table className={classes.table} data-testid="hour-table">
        <caption className={classes.hidden}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t.hours.hour}</th>
            <th scope="col">
              {t.hours.use} ({t.summary.kwh})
            </th>
            <th scope="col">{t.hours.readings}</th>
          </tr>
        </thead>
        <tbody>
          {hours.map((hour) => (
            <tr key={hour.start}>
              <th scope="row">{hourRange(hour, zone)}</th>
              <td data-over={(limit !== null && (hour.kwh ?? 0) > limit) || undefined}>{use(hour, limit)}</td>
              <td>{hour.count === 0 ? t.none : hour.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function use(hour: Hour, limit: number | null): string {
  const state = hourState(hour);
  if (hour.kwh === null) return state ?? t.none;
  const over = limit !== null && hour.kwh > limit ? `, ${t.hours.overLimit(exact(hour.kwh - limit))}` : '';
  return `${exact(hour.kwh)}${over}${state === null ? '' : ` (${state})`}`;
}
