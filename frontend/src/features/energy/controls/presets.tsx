import { Button } from '@mantine/core';
import { addDays, type Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';
import { samePeriod, shift, type Period } from '@/lib/energy/periods';
import classes from './date-picker.module.css';

type PresetsProps = {
  period: Period;
  date: Day;
  today: Day;
  onPick: (change: { date: Day; period: Period }) => void;
};

/** The most used periods, one click each; the current one is marked. */
export function Presets({ period, date, today, onPick }: PresetsProps) {
  const presets: { label: string; period: Period; date: Day }[] = [
    { label: t.span.now.day, period: 'day', date: today },
    { label: t.span.yesterday, period: 'day', date: addDays(today, -1) },
    { label: t.span.now.week, period: 'week', date: today },
    { label: t.span.lastWeek, period: 'week', date: shift('week', today, -1) },
    { label: t.span.now.month, period: 'month', date: today },
    { label: t.span.lastMonth, period: 'month', date: shift('month', today, -1) },
    { label: t.span.now.year, period: 'year', date: today },
    { label: t.span.lastYear, period: 'year', date: shift('year', today, -1) },
  ];
  return (
    <div className={classes.presets} role="group" aria-label={t.span.presets}>
      {presets.map((preset) => {
        const current = preset.period === period && samePeriod(period, preset.date, date);
        return (
          <Button
            key={preset.label}
            size="compact-sm"
            variant={current ? 'light' : 'subtle'}
            color={current ? 'brand' : 'gray'}
            className={classes.preset}
            aria-pressed={current}
            onClick={() => onPick({ date: preset.date, period: preset.period })}
          >
            {preset.label}
          </Button>
        );
      })}
    </div>
  );
}
