import type { ReactNode } from 'react';
import { HelpMark } from '@/components/help-mark';
import type { Day } from '@/lib/energy/days';
import { powerNow, readingEnd } from '@/lib/energy/power';
import { useNow } from '@/lib/hooks/use-now';
import { t } from '@/lib/i18n/messages';
import { clockSeconds, dayShort, exact, figure, power, waiting } from '@/lib/labels/format';
import { ageParts, freshnessHint, freshnessOf, updatedText, type Freshness } from '@/lib/labels/freshness';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import classes from './figure-card.module.css';

/** `help`: the entry of the help page about the figure. */
type FigureProps = { testId: string; label: string; kwh: number | null; note: ReactNode; help?: string };

/** One figure with its label and a note. */
export function Figure({ testId, label, kwh, note, help }: FigureProps) {
  return (
    <div className={classes.figure} data-testid={testId} data-value={kwh ?? ''}>
      <span className={classes.label}>
        {label}
        {help === undefined ? null : <HelpMark entry={help} name={label} />}
      </span>
      <span className={classes.value} title={kwh === null ? undefined : `${exact(kwh)} ${t.summary.kwh}`}>
        {figure(kwh)}
        {kwh === null ? null : <span className={classes.unit}>{t.summary.kwh}</span>}
      </span>
      <span className={classes.note}>{note}</span>
    </div>
  );
}

type LastReadingProps = {
  device: MonitoredDevice;
  zone: string;
  /** Today, where another time is shown: the figure is not of that time. */
  today: Day | null;
};

/** Power now, or the age of the last reading. It renders once a second, alone. */
export function LastReading({ device, zone, today }: LastReadingProps) {
  const now = useNow(1000);
  const at = device.last_reading_at === null ? null : Date.parse(device.last_reading_at);
  const ended = readingEnd(device);
  const title = ended === null ? undefined : clockSeconds(ended, zone);
  const kw = powerNow(device, now);
  if (kw !== null && ended !== null) {
    return <Power kw={kw} at={at} ended={ended} now={now} seconds={device.interval_seconds} today={today} title={title} />;
  }
  const state = freshnessOf(at, device.interval_seconds, now);
  const { value, unit } = ageParts(ended, now);
  return (
    <NowFigure label={t.summary.lastReading} state={state} at={at} title={title} value={value} unit={unit}>
      {freshnessHint(state, ended, zone, now)}
    </NowFigure>
  );
}

type PowerProps = {
  kw: number;
  at: number | null;
  /** When the interval ended of which it is the average. */
  ended: number;
  now: number;
  /** Length of that interval. */
  seconds: number;
  today: Day | null;
  title?: string | undefined;
};

export function Power({ kw, at, ended, now, seconds, today, title }: PowerProps) {
  return (
    <NowFigure label={powerName(seconds, today)} state="fresh" at={at} title={title} {...power(kw)}>
      {updatedText(ended, now)}
    </NowFigure>
  );
}

/** An average over a longer time than this is not called "now". */
const NOW_SECONDS = 300;

/** Return "Now", "Last hour, average", and with `today` the day too: "Now, 28 Nov". */
function powerName(seconds: number, today: Day | null): string {
  const hour = seconds === 3600;
  const name = seconds <= NOW_SECONDS ? t.summary.power : hour ? t.summary.lastHour : t.summary.lastSpan(waiting(seconds));
  return today === null ? name : `${name}, ${dayShort(today)}`;
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
        <HelpMark entry="now" name={label} />
      </span>
      <span className={classes.value} title={title}>
        {value}
        {unit === '' ? null : <span className={classes.unit}>{unit}</span>}
      </span>
      <span className={classes.note}>{children}</span>
    </div>
  );
}
