import { memo } from 'react';
import { sumKwh, type Hour } from '@/lib/energy/energy-day';
import { aligned, exact } from '@/lib/labels/format';
import { hourRange, hourState } from '@/lib/labels/hour-labels';
import { t } from '@/lib/i18n/messages';
import classes from './hour-table.module.css';

type HourTableProps = { hours: Hour[]; zone: string; limit: number | null; caption: string; hidden: boolean };

/** The chart's numbers as a table. `hidden`: for screen readers only. */
export const HourTable = memo(function HourTable({ hours, zone, limit, caption, hidden }: HourTableProps) {
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
            <th scope="col">{t.hours.note}</th>
          </tr>
        </thead>
        <tbody>
          {hours.map((hour) => (
            <tr key={hour.start}>
              <th scope="row" data-plain={hour.repeat === null || undefined}>{hourRange(hour, zone)}</th>
              <td>{aligned(hour.kwh)}</td>
              <td>{hour.count === 0 ? t.none : hour.count}</td>
              <td>{note(hour, limit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

function note(hour: Hour, limit: number | null): string {
  const state = [hourState(hour), hour.covers === null ? null : t.use.covers(hour.covers)].filter((said) => said !== null).join(', ') || null;
  if (hour.kwh === null || limit === null || hour.kwh <= limit) return state ?? '';
  const over = t.hours.overLimit(exact(sumKwh([hour.kwh, -limit])));
  return state === null ? over : `${state}, ${over}`;
}
