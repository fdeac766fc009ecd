import '@mantine/dates/styles.css';
import 'dayjs/locale/ro';
import { DatePicker, MonthPicker, YearPicker } from '@mantine/dates';
import { parseDay, type Day } from '@/lib/energy/days';
import { language } from '@/lib/i18n/language';
import { t } from '@/lib/i18n/messages';
import { firstDay, isDays, samePeriod, type Period } from '@/lib/energy/periods';

type PeriodCalendarProps = { period: Period; date: Day; today: Day; onPick: (date: Day) => void };

/** The grid to pick from; loaded when it is first opened. Its values are plain days, so no zone is in play. */
export function PeriodCalendar({ period, date, today, onPick }: PeriodCalendarProps) {
  const common = {
    defaultDate: date,
    maxDate: today,
    locale: language,
    fullWidth: true,
    ariaLabels: {
      previousMonth: t.period.previousMonth,
      nextMonth: t.period.nextMonth,
      previousYear: t.period.previousYear,
      nextYear: t.period.nextYear,
      previousDecade: t.period.previousYears,
      nextDecade: t.period.nextYears,
    },
    onChange: (picked: string | null) => {
      const day = parseDay(picked);
      if (day !== null) onPick(day);
    },
  };
  const byDay = period === 'day' || period === 'week' || isDays(period);
  const value = byDay ? date : firstDay(period, date);
  if (period === 'month' || period === 'quarter') return <MonthPicker {...common} value={value} />;
  if (period === 'year') return <YearPicker {...common} value={value} />;
  const isShown = (day: Day) =>
    period === 'week' ? samePeriod('week', day, date) : isDays(period) && firstDay(period, date) <= day && day <= date;
  return (
    <DatePicker
      {...common}
      value={value}
      firstDayOfWeek={1}
      weekendDays={[]}
      highlightToday
      hideOutsideDates
      withWeekNumbers={period === 'week'}
      getDayProps={(day) => ({
        ...(day === today ? { 'aria-current': 'date' as const } : {}),
        ...(isShown(day) ? { inRange: true } : {}),
      })}
    />
  );
}
