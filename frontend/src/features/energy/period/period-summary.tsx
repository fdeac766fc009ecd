import { sumKwh } from '@/lib/energy/energy-day';
import { t } from '@/lib/i18n/messages';
import { slotName } from '@/lib/labels/period-labels';
import { RESOLUTION } from '@/lib/energy/periods';
import { powerOfAll } from '@/lib/energy/power';
import { average, highest, missingOf, total, type Slot } from '@/lib/energy/series';
import { useNow } from '@/lib/hooks/use-now';
import { comparisonParts } from '../model/period-readouts';
import { Figure, LastReading, Power } from '../day/summary-cards';
import classes from '../day/summary-cards.module.css';
import type { ReadyView } from '../model/use-energy-view';
import type { PeriodData } from '../api/use-period-data';

/** The answer first: how much and against what, on average, when most, and how fresh. */
export function PeriodSummary({ view, data }: { view: ReadyView; data: PeriodData }) {
  const { slots, period, zone } = data;
  const mean = average(slots);
  const top = highest(slots);
  const against = data.other === null ? [] : comparisonParts(slots, { ...data.other, name: data.other.near }, period, true);
  const note = missingNote(slots, period, zone);
  return (
    <section className={classes.card} aria-label={t.use.summary}>
      {view.all ? <NowOfAll view={view} /> : <LastReading device={view.device} zone={zone} />}
      <Figure
        testId="summary-total"
        label={t.summary.total}
        kwh={total(slots)}
        note={against.length > 0 ? against.join(', ') : note}
      />
      <Figure
        testId="summary-peak"
        label={t.use.highest[period]}
        kwh={top?.kwh ?? null}
        note={top === null ? null : slotName(top, period, zone)}
      />
      <Figure
        testId="summary-average"
        label={t.use.average[period]}
        kwh={mean?.kwh ?? null}
        note={mean === null ? null : t.use.over[RESOLUTION[period]](mean.of)}
      />
    </section>
  );
}

function missingNote(slots: readonly Slot[], period: PeriodData['period'], zone: string): string {
  const missing = missingOf(slots);
  const first = slots.find(({ kwh }) => kwh !== null);
  if (first === undefined && missing.slots === 0) return t.summary.noReadings;
  if (missing.slots > 0) return t.use.without[RESOLUTION[period]](missing.slots);
  if (missing.hours > 0) return t.use.hoursMissing(missing.hours);
  return first !== undefined && slots[0]?.state === 'unmetered' ? t.use.since(slotName(first, period, zone)) : t.use.complete;
}

/** The power of all of them, or what they used today while one of them says no power. */
function NowOfAll({ view }: { view: ReadyView }) {
  const now = useNow(1000);
  const kw = powerOfAll(view.devices, now);
  if (kw === null) return <TodayOfAll view={view} />;
  const latest = Math.max(...view.devices.map((device) => Date.parse(device.last_reading_at ?? '')));
  return <Power kw={kw} at={latest} now={now} />;
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

