import type { Hour } from '@/lib/energy-day';
import { exact } from '@/lib/format';
import { t } from '@/lib/messages';
import classes from './legend.module.css';

type LegendProps =
  | { hours: readonly Hour[]; limit: number | null; overLimit: number | null; compared: string | null; trend?: never }
  | { trend: true; before: string | null };

type Entry = { mark: string; label: string };

/** Names only what is in the picture; the plain bars need no name. */
export function Legend(props: LegendProps) {
  const entries = props.trend ? trendEntries(props.before) : hourEntries(props.hours, props.limit, props.overLimit, props.compared);
  if (entries.length === 0) return null;
  return (
    <ul className={classes.legend}>
      {entries.map(({ mark, label }) => (
        <li key={mark}>
          <span className={classes.mark} data-mark={mark} aria-hidden />
          {label}
        </li>
      ))}
    </ul>
  );
}

function hourEntries(hours: readonly Hour[], limit: number | null, overLimit: number | null, compared: string | null): Entry[] {
  const entries: Entry[] = compared === null ? [] : [{ mark: 'ghost', label: compared }];
  if (limit !== null) entries.push({ mark: 'limit', label: t.hours.limit(exact(limit)) });
  if (overLimit !== null && hours.some((hour) => (hour.kwh ?? 0) > overLimit)) {
    entries.push({ mark: 'over', label: t.hours.legendOver });
  }
  if (hours.some((hour) => hour.state === 'open' && hour.kwh !== null)) {
    entries.push({ mark: 'open', label: t.hours.legendOpen });
  }
  if (hours.some((hour) => hour.state === 'missing')) entries.push({ mark: 'missing', label: t.hours.legendMissing });
  if (hours.some((hour) => hour.covers !== null)) entries.push({ mark: 'covers', label: t.use.legendCovers });
  return entries;
}

function trendEntries(before: string | null): Entry[] {
  const own: Entry = { mark: 'line', label: t.trend.thisDay };
  return before === null ? [own] : [own, { mark: 'before', label: before }];
}
