import { Button } from '@mantine/core';
import { addDays, type Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';
import { samePeriod, shift, type CalendarPeriod, type DaysPeriod } from '@/lib/energy/periods';
import { ALL_TIME } from '../model/address';
import type { ReadyView } from '../model/use-energy-view';
import classes from './date-picker.module.css';

type Preset = { label: string; period: CalendarPeriod | DaysPeriod | typeof ALL_TIME; date: Day };

export type PresetsProps = {
  view: Pick<ReadyView, 'period' | 'date' | 'today' | 'allTime'>;
  /** The fields of an own range are shown. */
  own: boolean;
  onPick: (change: { date: Day; period: Preset['period'] }) => void;
  onOwn: () => void;
};

function presetsOf(today: Day): Preset[] {
  return [
    { label: t.span.now.day, period: 'day', date: today },
    { label: t.span.yesterday, period: 'day', date: addDays(today, -1) },
    { label: t.span.now.week, period: 'week', date: today },
    { label: t.span.lastWeek, period: 'week', date: shift('week', today, -1) },
    { label: t.span.now.month, period: 'month', date: today },
    { label: t.span.lastMonth, period: 'month', date: shift('month', today, -1) },
    { label: t.span.now.quarter, period: 'quarter', date: today },
    { label: t.span.lastQuarter, period: 'quarter', date: shift('quarter', today, -1) },
    { label: t.span.now.year, period: 'year', date: today },
    { label: t.span.lastYear, period: 'year', date: shift('year', today, -1) },
    { label: t.span.lastDays(7), period: '7days', date: today },
    { label: t.span.lastDays(30), period: '30days', date: today },
    { label: t.span.allTime, period: ALL_TIME, date: today },
  ];
}

/** Return whether the shown days are none of the presets: days that the user chose. */
export function isOwn({ period, date, today, allTime }: PresetsProps['view']): boolean {
  return !allTime && period.endsWith('days') && !presetsOf(today).some((preset) => preset.period === period && preset.date === date);
}

/** The most used periods, one click each, and the way to own ones; the current one is marked. */
export function Presets({ view, own, onPick, onOwn }: PresetsProps) {
  const { period, date, today, allTime } = view;
  const isCurrent = (preset: Preset) =>
    preset.period === ALL_TIME ? allTime : !allTime && preset.period === period && samePeriod(period, preset.date, date);
  return (
    <div className={classes.presets} role="group" aria-label={t.span.presets}>
      {presetsOf(today).map((preset) => (
        <PresetButton key={preset.label} label={preset.label} current={!own && isCurrent(preset)} onClick={() => onPick(preset)} />
      ))}
      <PresetButton label={t.span.own} current={own} onClick={onOwn} />
    </div>
  );
}

function PresetButton({ label, current, onClick }: { label: string; current: boolean; onClick: () => void }) {
  return (
    <Button
      size="compact-sm"
      variant={current ? 'light' : 'subtle'}
      color={current ? 'brand' : 'gray'}
      className={classes.preset}
      aria-pressed={current}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}
