import type { ReactNode } from 'react';
import type { DailyEnergy, MonitoredDevice } from '@/lib/transport/api-types';
import { missingHours, type Hour } from '@/lib/energy/energy-day';
import { clock, clockSeconds, exact, figure, power } from '@/lib/labels/format';
import { ageParts, freshnessHint, freshnessOf, type Freshness } from '@/lib/labels/freshness';
import { hourRange } from '@/lib/labels/hour-labels';
import { t } from '@/lib/i18n/messages';
import { powerNow } from '@/lib/energy/power';
import { useNow } from '@/lib/hooks/use-now';
import classes from './summary-cards.module.css';

type SummaryCardsProps = {
  device: MonitoredDevice;
  zone: string;
  day: DailyEnergy;
  hours: Hour[];
  isToday: boolean;
  /** How it differs from what it is compared with, in parts. */
  against: string[];
};

/** The answer first: how much, when most, how much on average, and how fresh all of it is. */
export function SummaryCards({ device, zone, day, hours, isToday, against }: SummaryCardsProps) {
  const peak = day.peak_hour;
  const peakHour = hours.find((hour) => peak !== null && hour.start === Date.parse(peak.start));
  return (
    <section className={classes.card} aria-label={t.summary.title}>
      <LastReading device={device} zone={zone} />
      <Figure
        testId="summary-total"
        label={isToday ? t.summary.today : t.summary.total}
        kwh={day.total_daily_consumption}
        note={noteOf(day, hours, isToday, against, zone)}
      />
      <Figure
        testId="summary-peak"
        label={t.summary.peak}
        kwh={peak?.total_consumption ?? null}
        note={peakHour === undefined ? null : hourRange(peakHour, zone)}
      />
      <Figure
        testId="summary-average"
        label={t.summary.average}
        kwh={day.average_hourly_consumption}
        note={day.hours_with_data === 0 ? null : t.summary.overHours(day.hours_with_data)}
      />
    </section>
  );
}

function noteOf(day: DailyEnergy, hours: Hour[], isToday: boolean, against: string[], zone: string): string {
  if (day.hours_with_data === 0) return t.summary.noReadings;
  const missing = missingHours(hours);
  if (missing > 0) return [...against, t.summary.missing(missing)].join(', ');
  if (against.length > 0) return against.join(', ');
  const first = hours.find((hour) => hour.state !== 'unmetered');
  if (first !== undefined && first !== hours[0]) return t.summary.since(clock(first.start, zone));
  return isToday && day.hours_with_data < hours.length
    ? t.summary.hoursSoFar(day.hours_with_data, hours.length)
    : t.summary.complete(hours.length);
}

type FigureProps = { testId: string; label: string; kwh: number | null; note: ReactNode };

export function Figure({ testId, label, kwh, note }: FigureProps) {
  return (
    <div className={classes.figure} data-testid={testId} data-value={kwh ?? ''}>
      <span className={classes.label}>{label}</span>
      <span className={classes.value} title={kwh === null ? undefined : `${exact(kwh)} ${t.summary.kwh}`}>
        {figure(kwh)}
        {kwh === null ? null : <span className={classes.unit}>{t.summary.kwh}</span>}
      </span>
      <span className={classes.note}>{note}</span>
    </div>
  );
}

type LastReadingProps = { device: MonitoredDevice; zone: string };

/** Power now, or how long ago the last reading was. Renders alone once a second; the rest of the page has no reason to. */
export function LastReading({ device, zone }: LastReadingProps) {
  const now = useNow(1000);
  const at = device.last_reading_at === null ? null : Date.parse(device.last_reading_at);
  const kw = powerNow(device, now);
  if (kw !== null && at !== null) return <Power kw={kw} at={at} now={now} title={clockSeconds(at, zone)} />;
  const state = freshnessOf(at, device.interval_seconds, now);
  const { value, unit } = ageParts(at, now);
  return (
    <NowFigure label={t.summary.lastReading} state={state} at={at} title={at === null ? undefined : clockSeconds(at, zone)} value={value} unit={unit}>
      {freshnessHint(state, at, zone, now)}
    </NowFigure>
  );
}

type PowerProps = { kw: number; at: number; now: number; title?: string };

export function Power({ kw, at, now, title }: PowerProps) {
  const age = ageParts(at, now);
  return (
    <NowFigure label={t.summary.power} state="fresh" at={at} title={title} {...power(kw)}>
      {t.freshness.updated(`${age.value} ${age.unit}`.trim().toLowerCase())}
    </NowFigure>
  );
}

type NowFigureProps = {
  label: string;
  state: Freshness;
  at: number | null;
  title: string | undefined;
  value: string;
  unit: string;
  children: ReactNode;
};

function NowFigure({ label, state, at, title, value, unit, children }: NowFigureProps) {
  return (
    <div
      className={classes.figure}
      data-testid="summary-last-reading"
      data-state={state}
      data-value={at === null ? '' : new Date(at).toISOString().replace('.000Z', 'Z')}
    >
      <span className={classes.label}>
        <span className={classes.dot} aria-hidden />
        {label}
      </span>
      <span className={classes.value} title={title}>
        {value}
        {unit === '' ? null : <span className={classes.unit}>{unit}</span>}
      </span>
      <span className={classes.note}>{children}</span>
    </div>
  );
}
