import '@mantine/dates/styles.css';
import { DatePicker } from '@mantine/dates';
import { t } from '@/lib/messages';
import { parseDay, type Day } from '@/lib/days';

type DayCalendarProps = { date: Day; today: Day; onPick: (date: Day) => void };

/** The month grid; loaded when it is first opened. Its values are plain days, so no zone is in play. */
export function DayCalendar({ date, today, onPick }: DayCalendarProps) {
  return (
    <DatePicker
      value={date}
      defaultDate={date}
      maxDate={today}
      firstDayOfWeek={1}
      weekendDays={[]}
      highlightToday
      hideOutsideDates
      ariaLabels={{
        previousMonth: t.period.previousMonth,
        nextMonth: t.period.nextMonth,
        previousYear: t.period.previousYear,
        nextYear: t.period.nextYear,
        previousDecade: t.period.previousYears,
        nextDecade: t.period.nextYears,
        monthLevelControl: t.period.chooseMonth,
        yearLevelControl: t.period.chooseYear,
      }}
      getDayProps={(day) => (day === today ? { 'aria-current': 'date' as const } : {})}
      onChange={(picked) => {
        const day = parseDay(picked);
        if (day !== null) onPick(day);
      }}
    />
  );
}
