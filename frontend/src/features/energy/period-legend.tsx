import { t } from '@/lib/messages';
import type { Slot } from '@/lib/series';
import classes from './legend.module.css';

type Entry = { mark: string; label: string };

function List({ entries }: { entries: Entry[] }) {
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

/** Names only what is in the picture. */
export function PeriodLegend({ slots, single, compared }: { slots: readonly Slot[]; single: boolean; compared: string | null }) {
  const some = (state: Slot['state']) => slots.some((slot) => slot.state === state && (slot.kwh !== null || state === 'missing'));
  const entries: Entry[] = [];
  if (compared !== null) entries.push({ mark: 'ghost', label: compared });
  if (some('open')) entries.push({ mark: 'open', label: t.use.legendOpen });
  if (some('partial')) entries.push({ mark: 'partial', label: t.use.legendPartial });
  if (some('missing')) entries.push({ mark: 'missing', label: t.use.legendMissing });
  if (single && slots.some((slot) => (slot.covers ?? 1) > 1)) entries.push({ mark: 'covers', label: t.use.legendCovers });
  return <List entries={entries} />;
}

export function TrendLegend({ before }: { before: string | null }) {
  const own = { mark: 'line', label: t.adds.own };
  return <List entries={before === null ? [own] : [own, { mark: 'before', label: before }]} />;
}
