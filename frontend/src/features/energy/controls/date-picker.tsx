import { ActionIcon, Button, CloseButton, Popover, Skeleton } from '@mantine/core';
import { lazy, Suspense, useState, type Dispatch, type SetStateAction } from 'react';
import { CalendarIcon, ChevronLeftIcon, ChevronRightIcon } from '@/components/icons';
import { t } from '@/lib/i18n/messages';
import { barTitle, periodTitle, textOf } from '@/lib/labels/period-labels';
import { firstDay, samePeriod } from '@/lib/energy/periods';
import { useShortcuts } from '@/lib/hooks/shortcuts';
import type { Change } from '../model/address';
import type { ReadyView } from '../model/use-energy-view';
import classes from './date-picker.module.css';
import { OwnRange } from './own-range';
import { isOwn, Presets } from './presets';
import { useScreen } from './use-screen';

const PeriodCalendar = lazy(async () => ({ default: (await import('./day-calendar')).PeriodCalendar }));

type DatePickerProps = {
  view: Pick<ReadyView, 'period' | 'date' | 'today' | 'allTime'>;
  onChange: (change: Change) => void;
  /** One period back (-1) or on (1). */
  onStep: (periods: number) => void;
  /** The calendar is open; the page holds it, because the picker has another place on a phone that is turned. */
  open: boolean;
  setOpen: Dispatch<SetStateAction<boolean>>;
};

export function DatePicker({ view, onChange, onStep, open, setOpen }: DatePickerProps) {
  const { period, date, today, allTime } = view;
  const [own, setOwn] = useState(false);
  const { thumb: short } = useScreen();
  const current = samePeriod(period, date, today);
  const atEnd = current || date > today;
  const previous = () => onStep(-1);
  const next = () => onStep(1);
  useShortcuts({ '[': previous, ']': next, ArrowLeft: previous, ArrowRight: next, t: () => onChange({ date: today }) });
  const title = allTime ? t.span.allTime : periodTitle(period, date);
  // A span with two years has no room in the bar; the heading names the whole.
  const ofTwoYears = firstDay(period, date).slice(0, 4) !== date.slice(0, 4);
  // Users of speech input say the words on the button, so its name has them.
  const visible = !allTime && (short || ofTwoYears) ? barTitle(period, date) : title;
  const pick = (change: Change) => {
    setOpen(false);
    onChange(change);
  };

  return (
    <div className={classes.bar} role="group" aria-label={t.period.group}>
      <ActionIcon
        className={classes.step}
        variant="subtle"
        color="gray"
        aria-label={textOf(t.span.previous, period)}
        aria-disabled={allTime}
        {...(allTime ? { 'data-disabled': true } : {})}
        data-testid="date-prev"
        onClick={previous}
      >
        <ChevronLeftIcon />
      </ActionIcon>
      <Popover opened={open} onChange={setOpen} position="bottom" trapFocus returnFocus>
        <Popover.Target>
          <Button
            className={classes.day}
            classNames={{ inner: classes.dayInner, label: classes.dayLabel }}
            variant="subtle"
            color="gray"
            rightSection={short ? undefined : <CalendarIcon size={18} />}
            title={title}
            aria-label={`${textOf(t.span.pick, period)}, ${visible}`}
            data-testid="date-picker"
            data-date={date}
            data-period={period}
            onClick={() => {
              setOwn(isOwn(view));
              setOpen((was) => !was);
            }}
          >
            {visible}
          </Button>
        </Popover.Target>
        <Popover.Dropdown className={classes.sheet} aria-label={t.period.calendar} data-testid="date-sheet">
          <div className={classes.sheetHead}>
            <h2>{textOf(t.span.pick, period)}</h2>
            <CloseButton aria-label={t.period.close} size="lg" onClick={() => setOpen(false)} />
          </div>
          <div className={classes.choice}>
            <Presets view={view} own={own} onPick={pick} onOwn={() => setOwn(true)} />
            {own ? (
              <OwnRange shown={{ from: firstDay(period, date), to: date }} today={today} onPick={(range) => pick({ range })} />
            ) : (
              <Suspense fallback={<Skeleton width={260} height={270} />}>
                <PeriodCalendar
                  period={allTime ? 'day' : period}
                  date={date}
                  today={today}
                  onPick={(picked) => pick({ date: picked, ...(allTime && { period: 'day' }) })}
                />
              </Suspense>
            )}
          </div>
        </Popover.Dropdown>
      </Popover>
      {/* aria-disabled, not disabled: a keyboard that steps to the end keeps the focus. */}
      <ActionIcon
        className={classes.step}
        variant="subtle"
        color="gray"
        aria-label={textOf(t.span.next, period)}
        aria-disabled={atEnd}
        {...(atEnd ? { 'data-disabled': true } : {})}
        data-testid="date-next"
        onClick={next}
      >
        <ChevronRightIcon />
      </ActionIcon>
    </div>
  );
}
