import { sumKwh, type Hour } from '@/lib/energy-day';
import { t } from '@/lib/messages';
import { slotName } from '@/lib/period-labels';
import { RESOLUTION } from '@/lib/periods';
import { average, highest, missingOf, total, type Slot } from '@/lib/series';
import { comparisonParts } from './period-readouts';
import { Figure, LastReading } from './summary-cards';
import classes from './summary-cards.module.css';
import type { ReadyView } from './use-energy-view';
import type { PeriodData } from './use-period-data';

/** A period's bars say nothing of the power now. */
const NO_HOURS: Hour[] = [];

/** The answer first: how much and against what, on average, when most, and how fresh. */
export function PeriodSummary({ view, data }: { view: ReadyView; data: PeriodData }) {
  const { slots, period, zone } = data;
  const mean = average(slots);
  const top = highest(slots);
  const against = data.other === null ? [] : comparisonParts(slots, data.other, period, true);
  const note = missingNote(slots, period);
  return (
    <section className={classes.card} aria-label={t.use.summary}>
      <Figure
        testId="summary-total"
        label={t.summary.total}
        kwh={total(slots)}
        note={against.length > 0 ? against.join(', ') : note}
      />
      <Figure
        testId="summary-average"
        label={t.use.average[period]}
        kwh={mean?.kwh ?? null}
        note={mean === null ? null : t.use.over[RESOLUTION[period]](mean.of)}
      />
      <Figure
        testId="summary-peak"
        label={t.use.highest[period]}
        kwh={top?.kwh ?? null}
        note={top === null ? null : slotName(top, period, zone)}
      />
      {view.all ? <TodayOfAll view={view} /> : <LastReading device={view.device} zone={zone} hours={NO_HOURS} />}
    </section>
  );
}

export function missingNote(slots: readonly Slot[], period: PeriodData['period']): string {
  const missing = missingOf(slots);
  if (missing.slots > 0) return t.use.without[RESOLUTION[period]](missing.slots);
  return missing.hours > 0 ? t.use.hoursMissing(missing.hours) : t.use.complete;
}

function TodayOfAll({ view }: { view: ReadyView }) {
  const known = view.devices.flatMap(({ today_consumption: kwh }) => (kwh === null ? [] : [kwh]));
  const silent = view.devices.filter((device) => device.silent).length;
  return (
    <Figure
      testId="summary-today"
      label={t.use.today}
      kwh={known.length === 0 ? null : sumKwh(known)}
      note={known.length === 0 ? t.use.noReadingsToday : silent > 0 ? t.all.silent(silent) : t.use.onTime}
    />
  );
}

