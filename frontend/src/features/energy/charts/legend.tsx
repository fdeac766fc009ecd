import { limitInSight } from '@/lib/charts/chart-scale';
import { exact } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { isEstimated } from '@/lib/energy/figures';
import { measuredKwh, type Slot } from '@/lib/energy/slots';
import classes from './legend.module.css';

type Entry = { mark: string; label: string };

/** `several`: the bars have the colours of several devices. */
export function Legend({ entries, several = false }: { entries: readonly Entry[]; several?: boolean }) {
  if (entries.length === 0) return null;
  return (
    <ul className={classes.legend} data-several={several || undefined} data-testid="legend">
      {entries.map(({ mark, label }) => (
        <li key={mark}>
          <span className={classes.mark} data-mark={mark} aria-hidden />
          {label}
        </li>
      ))}
    </ul>
  );
}

/** Return the entries for bars; only marks that are in the picture. Stacked devices are named by the chips below. */
export function barEntries(slots: readonly Slot[], single: boolean, limit: number | null, compared: string | null): Entry[] {
  const highest = Math.max(0, ...slots.map(({ kwh }) => kwh ?? 0));
  const some = (state: Slot['state']) =>
    slots.some((slot) => slot.state === state && (slot.kwh !== null || state === 'missing' || state === 'unmetered'));
  const entries: Entry[] = [];
  if (single && some('measured')) entries.push({ mark: 'measured', label: t.use.legendMeasured });
  if (compared !== null) entries.push({ mark: 'compared', label: compared });
  if (limit !== null && limitInSight(limit, highest)) entries.push({ mark: 'limit', label: t.hours.limit(exact(limit)) });
  if (limit !== null && slots.some((slot) => (measuredKwh(slot) ?? 0) > limit)) entries.push({ mark: 'over', label: t.hours.legendOver });
  if (some('open')) entries.push({ mark: 'open', label: t.use.legendOpen });
  if (some('partial')) entries.push({ mark: 'partial', label: t.use.legendPartial });
  if (some('missing')) entries.push({ mark: 'missing', label: t.use.legendMissing });
  if (some('unmetered')) entries.push({ mark: 'unmetered', label: t.use.legendUnmetered });
  if (slots.some(isEstimated)) entries.push({ mark: 'estimated', label: t.use.legendEstimated });
  return entries;
}

/** Return the entries for running totals. */
export function runningEntries(own: string, before: string | null): Entry[] {
  const line: Entry = { mark: 'line', label: own };
  return before === null ? [line] : [line, { mark: 'before', label: before }];
}
