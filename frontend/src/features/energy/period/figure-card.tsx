import type { ReactNode } from 'react';
import { powerNow } from '@/lib/energy/power';
import { useNow } from '@/lib/hooks/use-now';
import { t } from '@/lib/i18n/messages';
import { clockSeconds, exact, figure, power } from '@/lib/labels/format';
import { ageParts, freshnessHint, freshnessOf, updatedText, type Freshness } from '@/lib/labels/freshness';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import classes from './figure-card.module.css';

type FigureProps = { testId: string; label: string; kwh: number | null; note: ReactNode };

/** One figure with its label and a note. */
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

/** Power now, or the age of the last reading. It renders once a second, alone. */
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
  return (
    <NowFigure label={t.summary.power} state="fresh" at={at} title={title} {...power(kw)}>
      {updatedText(at, now)}
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
