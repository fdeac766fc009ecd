import { ActionIcon, Button, Popover, Skeleton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { CalendarIcon, ChevronLeftIcon, ChevronRightIcon } from '@/components/icons';
import type { Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';
import { periodTitle } from '@/lib/labels/period-labels';
import { samePeriod, type Period } from '@/lib/energy/periods';
import { useShortcuts } from '@/lib/hooks/shortcuts';
import classes from './date-picker.module.css';
import { Presets } from './presets';

const PeriodCalendar = lazy(async () => ({ default: (await import('./day-calendar')).PeriodCalendar }));

type DatePickerProps = {
  period: Period;
  date: Day;
  today: Day;
  onChange: (change: { date: Day; period?: Period }) => void;
  /** One period back (-1) or on (1). */
  onStep: (periods: number) => void;
};

export function DatePicker({ period, date, today, onChange, onStep }: DatePickerProps) {
  const [open, setOpen] = useState(false);
  const current = samePeriod(period, date, today);
  const atEnd = current || date > today;
  const previous = () => onStep(-1);
  const next = () => onStep(1);
  useShortcuts({ '[': previous, ']': next, ArrowLeft: previous, ArrowRight: next });
  const title = periodTitle(period, date);
  const pick = (change: { date: Day; period?: Period }) => {
    setOpen(false);
    onChange(change);
  };

  return (
    <div className={classes.bar} role="group" aria-label={t.period.group}>
      <ActionIcon
        className={classes.step}
        variant="subtle"
        color="gray"
        aria-label={t.span.previous[period]}
        data-testid="date-prev"
        onClick={previous}
      >
        <ChevronLeftIcon />
      </ActionIcon>
      <Popover opened={open} onChange={setOpen} position="bottom" trapFocus returnFocus>
        <Popover.Target>
          <Button
            className={classes.day}
            variant="subtle"
            color="gray"
            rightSection={<CalendarIcon size={18} />}
            aria-label={`${t.span.pick[period]}, ${title}`}
            data-testid="date-picker"
            data-date={date}
            data-period={period}
            onClick={() => setOpen((was) => !was)}
          >
            {title}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t.period.calendar}>
          <div className={classes.choice}>
            <Presets period={period} date={date} today={today} onPick={pick} />
            <Suspense fallback={<Skeleton width={260} height={270} />}>
              <PeriodCalendar period={period} date={date} today={today} onPick={(picked) => pick({ date: picked })} />
            </Suspense>
          </div>
        </Popover.Dropdown>
      </Popover>
      {/* aria-disabled, not disabled: a keyboard that steps to the end keeps the focus. */}
      <ActionIcon
        className={classes.step}
        variant="subtle"
        color="gray"
        aria-label={t.span.next[period]}
        aria-disabled={atEnd}
        {...(atEnd ? { 'data-disabled': true } : {})}
        data-testid="date-next"
        onClick={next}
      >
        <ChevronRightIcon />
      </ActionIcon>
      <Button
        className={classes.today}
        variant="default"
        aria-pressed={current}
        data-testid="date-today"
        onClick={() => onChange({ date: today })}
      >
        {t.period.today}
      </Button>
    </div>
  );
}
