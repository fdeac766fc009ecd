import { count } from '@/lib/i18n/admin';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import { t } from '@/lib/i18n/messages';
import type { Minute } from '@/lib/api/monitoring';
import classes from './ingestion-page.module.css';

const format = new Intl.DateTimeFormat(t.locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clock = (minute: string) => format.format(new Date(minute));

/** Readings received in each of the last minutes: bars, and a table for those who hear the page. */
export function PerMinute({ minutes }: { minutes: Minute[] }) {
  const ordered = minutes.toSorted((a, b) => a.minute.localeCompare(b.minute));
  const most = Math.max(0, ...ordered.map((minute) => minute.received));
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first === undefined || last === undefined || most === 0) return <p className={classes.none}>{ingestionMessages.perMinute.none}</p>;
  const summary = ingestionMessages.perMinute.summary(count(last.received), count(most));
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.dimmed}>{summary}</figcaption>
      <div className={classes.bars} aria-hidden>
        {ordered.map((minute) => (
          <span key={minute.minute} title={`${clock(minute.minute)}: ${count(minute.received)}`}>
            <span className={classes.rejected} style={{ height: `${(100 * minute.rejected) / most}%` }} />
            <span className={classes.taken} style={{ height: `${(100 * (minute.received - minute.rejected)) / most}%` }} />
          </span>
        ))}
      </div>
      <div className={classes.ends} aria-hidden>
        <span>{clock(first.minute)}</span>
        <span>{clock(last.minute)}</span>
      </div>
      <div className={classes.heard}>
        <table>
          <caption>{ingestionMessages.perMinute.title}</caption>
          <thead>
            <tr>
              <th scope="col">{ingestionMessages.perMinute.minute}</th>
              <th scope="col">{ingestionMessages.ledger.received}</th>
              <th scope="col">{ingestionMessages.ledger.rejected}</th>
            </tr>
          </thead>
          <tbody>
            {ordered.map((minute) => (
              <tr key={minute.minute}>
                <th scope="row">{clock(minute.minute)}</th>
                <td>{count(minute.received)}</td>
                <td>{count(minute.rejected)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
