import { Button } from '@mantine/core';
import { memo } from 'react';
import type { Day } from '@/lib/energy/days';
import { samePeriod, type Period } from '@/lib/energy/periods';
import { t } from '@/lib/i18n/messages';
import classes from './date-picker.module.css';

type TodayButtonProps = { period: Period; date: Day; today: Day; onToday: (today: Day) => void };

/** Leads to the present day, week, month or year. */
export const TodayButton = memo(function TodayButton({ period, date, today, onToday }: TodayButtonProps) {
  return (
    <Button
      className={classes.today}
      variant="default"
      aria-pressed={samePeriod(period, date, today)}
      data-testid="date-today"
      onClick={() => onToday(today)}
    >
      {t.period.today}
    </Button>
  );
});
