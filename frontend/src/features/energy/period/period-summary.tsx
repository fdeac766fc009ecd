import { useQuery } from '@tanstack/react-query';
import { sumKwh } from '@/lib/energy/kwh';
import type { Day } from '@/lib/energy/days';
import { samePeriod } from '@/lib/energy/periods';
import { powerOfAll, quarterPower, readingEnd } from '@/lib/energy/power';
import { missingOf, periodFigures, type Slot } from '@/lib/energy/slots';
import { useNow } from '@/lib/hooks/use-now';
import { t } from '@/lib/i18n/messages';
import { clock, dayAndClock, powerText } from '@/lib/labels/format';
import { slotName, slotTitle } from '@/lib/labels/period-labels';
import type { PeriodData } from '../api/use-period-data';
import { statsQuery } from '../api/queries';
import { useScreen } from '../controls/use-screen';
import { comparisonParts, coverageParts } from '../model/readouts';
import type { ReadyView } from '../model/use-energy-view';
import { Figure, LastReading, Power } from './figure-card';
import classes from './figure-card.module.css';

/** The figures above the chart: total and comparison, average, highest slot, and the age of the last reading. */
export function PeriodSummary({ view, data }: { view: ReadyView; data: PeriodData }) {
  const { slots, period, zone, kind } = data;
  const { total, average, averaged, highest } = periodFigures(slots, !view.all);
  const { phone } = useScreen();
  const isToday = period === 'day' && data.date === view.today;
  const today = samePeriod(period, data.date, view.today) ? null : view.today;
  return (
    <section className={classes.card} aria-label={t.use.summary}>
      {view.all ? <NowOfAll view={view} today={today} /> : <LastReading device={view.device} zone={zone} today={today} />}
      <Figure help="total" testId="summary-total" label={isToday ? t.summary.today : t.summary.total} kwh={total} note={totalNote(data, phone)} />
      <Figure
        help="peak"
        testId="summary-peak"
        label={t.use.highest[kind]}
        kwh={highest?.kwh ?? null}
        note={highest === null ? null : <PeakNote view={view} data={data} highest={highest} />}
      />
      <Figure
        help="average"
        testId="summary-average"
        label={t.use.average[kind]}
        kwh={average}
        note={averaged === 0 ? null : t.use.over[kind](averaged)}
      />
    </section>
  );
}

/** When the peak was, and the highest power of a quarter-hour: that of a meter which reports as often. */
function PeakNote({ view, data, highest }: { view: ReadyView; data: PeriodData; highest: Slot }) {
  const { period, date, zone, kind } = data;
  const name = slotTitle(highest, zone);
  const { device } = view;
  const known = !view.all && kind !== 'quarter' && device.interval_seconds <= QUARTER_SECONDS;
  const { data: stats } = useQuery({ ...statsQuery(device.device_id, period, date, zone), enabled: known });
  if (kind === 'quarter' && highest.kwh !== null) return `${name}, ${powerText(quarterPower(highest.kwh))}`;
  const peak = known ? (stats?.peak_quarter ?? null) : null;
  if (peak === null) return name;
  const at = Date.parse(peak.start);
  return (
    <>
      {name}, <span className={classes.whole}>{t.use.peakPower(powerText(peak.power_kw), period === 'day' ? clock(at, zone) : dayAndClock(at, zone))}</span>
    </>
  );
}

const QUARTER_SECONDS = 900;

/**
 * Return the comparison and the gaps; without both, since when or how far the period is measured. `short`: not both, for
 * the line above the bars names the gaps too.
 */
function totalNote({ slots, visible, period, kind, zone, other }: PeriodData, short: boolean): string {
  const known = slots.filter(({ kwh }) => kwh !== null);
  const [first] = known;
  if (first === undefined && missingOf(slots).slots === 0) return t.summary.noReadings;
  const against = other === null ? [] : comparisonParts(slots, { ...other, name: other.near }, kind, true);
  const devices = visible.flatMap((layer) => layer.devices.map((device) => device.slots));
  const notes = [...against, ...(short && against.length > 0 ? [] : coverageParts(devices))];
  if (notes.length > 0) return notes.join(', ');
  if (first !== undefined && slots[0]?.state === 'unmetered') return t.use.since(slotName(first, zone));
  if (period !== 'day') return t.use.complete;
  const each = kind === 'quarter' ? 4 : 1;
  return known.length < slots.length
    ? t.summary.hoursSoFar(Math.ceil(known.length / each), slots.length / each)
    : t.summary.complete(slots.length / each);
}

/** The power of all devices together, or their energy of today while the power of one is not known. */
function NowOfAll({ view, today }: { view: ReadyView; today: Day | null }) {
  const now = useNow(1000);
  const kw = powerOfAll(view.devices, now);
  if (kw === null) return <TodayOfAll view={view} />;
  const ends = view.devices.flatMap((device) => readingEnd(device) ?? []);
  const latest = view.devices.flatMap(({ last_reading_at: at }) => (at === null ? [] : [Date.parse(at)]));
  const seconds = Math.max(...view.devices.map((device) => device.interval_seconds));
  return <Power kw={kw} at={Math.max(...latest)} ended={Math.max(...ends)} now={now} seconds={seconds} today={today} />;
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
