import { ActionIcon, Button, Popover, Skeleton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { CalendarIcon, ChevronLeftIcon, ChevronRightIcon } from '@/components/icons';
import type { Day } from '@/lib/days';
import { dayMedium } from '@/lib/format';
import { t } from '@/lib/messages';
import { useShortcuts } from '@/lib/shortcuts';
import classes from './date-picker.module.css';

const DayCalendar = lazy(async () => ({ default: (await import('./day-calendar')).DayCalendar }));

type DatePickerProps = {
  date: Day;
  today: Day;
  onChange: (date: Day) => void;
  /** One day back (-1) or on (1). */
  onStep: (days: number) => void;
};

export function DatePicker({ date, today, onChange, onStep }: DatePickerProps) {
  const [open, setOpen] = useState(false);
  const atEnd = date >= today;
  const previous = () => onStep(-1);
  const next = () => onStep(1);
  useShortcuts({ '[': previous, ']': next, ArrowLeft: previous, ArrowRight: next });

  return (
    <div className={classes.bar} role="group" aria-label={t.period.group}>
      <ActionIcon
        className={classes.step}
        variant="subtle"
        color="gray"
        aria-label={t.period.previous}
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
            aria-label={`${t.period.pick}, ${dayMedium(date)}`}
            data-testid="date-picker"
            data-date={date}
            onClick={() => setOpen((was) => !was)}
          >
            {dayMedium(date)}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t.period.calendar}>
          <Suspense fallback={<Skeleton width={260} height={270} />}>
            <DayCalendar
              date={date}
              today={today}
              onPick={(picked) => {
                setOpen(false);
                onChange(picked);
              }}
            />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      {/* aria-disabled, not disabled: whoever steps with the keyboard keeps the focus at the end. */}
      <ActionIcon
        className={classes.step}
        variant="subtle"
        color="gray"
        aria-label={t.period.next}
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
        aria-pressed={date === today}
        data-testid="date-today"
        onClick={() => onChange(today)}
      >
        {t.period.today}
      </Button>
    </div>
  );
}
