import { count } from '@/lib/i18n/admin';
import { ti } from '@/lib/i18n/admin/ingestion';
import { t } from '@/lib/i18n/messages';
import type { Minute } from '@/lib/api/monitoring';
import classes from './ingestion-page.module.css';

const format = new Intl.DateTimeFormat(t.locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clock = (minute: string) => format.format(new Date(minute));

/** Readings received in each of the last minutes: bars, and a table for those who hear the page. */
export function PerMinute({ minutes }: { minutes: Minute[] }) {
  const shown = minutes.toSorted((a, b) => a.minute.localeCompare(b.minute));
  const most = Math.max(0, ...shown.map((one) => one.received));
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined || most === 0) return <p className={classes.none}>{ti.perMinute.none}</p>;
  const summary = ti.perMinute.summary(count(last.received), count(most));
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.dimmed}>{summary}</figcaption>
      <div className={classes.bars} aria-hidden>
        {shown.map((one) => (
          <span key={one.minute} title={`${clock(one.minute)}: ${count(one.received)}`}>
            <span className={classes.rejected} style={{ height: `${(100 * one.rejected) / most}%` }} />
            <span className={classes.taken} style={{ height: `${(100 * (one.received - one.rejected)) / most}%` }} />
          </span>
        ))}
      </div>
      <div className={classes.ends} aria-hidden>
        <span>{clock(first.minute)}</span>
        <span>{clock(last.minute)}</span>
      </div>
      <div className={classes.heard}>
        <table>
          <caption>{ti.perMinute.title}</caption>
          <thead>
            <tr>
              <th scope="col">{ti.perMinute.minute}</th>
              <th scope="col">{ti.ledger.received}</th>
              <th scope="col">{ti.ledger.rejected}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.minute}>
                <th scope="row">{clock(one.minute)}</th>
                <td>{count(one.received)}</td>
                <td>{count(one.rejected)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
