import { limitInSight } from '@/lib/charts/chart-scale';
import type { Hour } from '@/lib/energy/energy-day';
import { exact } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import type { Slot } from '@/lib/energy/series';
import classes from './legend.module.css';

type Entry = { mark: string; label: string };

export function Legend({ entries }: { entries: readonly Entry[] }) {
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

// Each names only what is in the picture. Where bars are stacked, their devices are named beside it.

export function hourEntries(hours: readonly Hour[], limit: number | null, compared: string | null): Entry[] {
  const highest = Math.max(0, ...hours.map((hour) => hour.kwh ?? 0));
  const entries: Entry[] = [];
  if (hours.some((hour) => hour.state === 'measured')) entries.push({ mark: 'measured', label: t.use.legendMeasured });
  if (compared !== null) entries.push({ mark: 'ghost', label: compared });
  if (limit !== null && limitInSight(limit, highest)) entries.push({ mark: 'limit', label: t.hours.limit(exact(limit)) });
  if (limit !== null && highest > limit) entries.push({ mark: 'over', label: t.hours.legendOver });
  if (hours.some((hour) => hour.state === 'open' && hour.kwh !== null)) {
    entries.push({ mark: 'open', label: t.hours.legendOpen });
  }
  if (hours.some((hour) => hour.state === 'missing')) entries.push({ mark: 'missing', label: t.hours.legendMissing });
  if (hours.some((hour) => hour.state === 'unmetered')) entries.push({ mark: 'unmetered', label: t.use.legendUnmetered });
  if (hours.some((hour) => hour.covers !== null)) entries.push({ mark: 'covers', label: t.use.legendCovers });
  return entries;
}

export function slotEntries(slots: readonly Slot[], single: boolean, compared: string | null): Entry[] {
  const some = (state: Slot['state']) => slots.some((slot) => slot.state === state && (slot.kwh !== null || state === 'missing' || state === 'unmetered'));
  const entries: Entry[] = [];
  if (single && some('measured')) entries.push({ mark: 'measured', label: t.use.legendMeasured });
  if (compared !== null) entries.push({ mark: 'ghost', label: compared });
  if (some('open')) entries.push({ mark: 'open', label: t.use.legendOpen });
  if (some('partial')) entries.push({ mark: 'partial', label: t.use.legendPartial });
  if (some('missing')) entries.push({ mark: 'missing', label: t.use.legendMissing });
  if (some('unmetered')) entries.push({ mark: 'unmetered', label: t.use.legendUnmetered });
  if (single && slots.some((slot) => (slot.covers ?? 1) > 1)) entries.push({ mark: 'covers', label: t.use.legendCovers });
  return entries;
}

export function trendEntries(own: string, before: string | null): Entry[] {
  const line: Entry = { mark: 'line', label: own };
  return before === null ? [line] : [line, { mark: 'before', label: before }];
}
