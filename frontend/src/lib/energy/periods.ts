// Day, week, month and year as calendar arithmetic on local days; instants only where slots begin.
import { addDays, dayBounds, hourOf, MS_PER_HOUR, type Day } from './days';

export const PERIODS = ['day', 'week', 'month', 'year'] as const;
export type Period = (typeof PERIODS)[number];
export type Resolution = 'hour' | 'day' | 'month';

/** The kind of the period's slots. */
export const RESOLUTION: Record<Period, Resolution> = { day: 'hour', week: 'day', month: 'day', year: 'month' };

/** The period that a click on a bar opens; an hour of a day is opened in the day itself. */
export const LEVEL_DOWN: Record<Exclude<Period, 'day'>, Period> = { week: 'day', month: 'day', year: 'month' };

export function parsePeriod(text: string | null): Period {
  return PERIODS.find((period) => period === text) ?? 'day';
}

function parts(day: Day): [number, number, number] {
  return day.split('-').map(Number) as [number, number, number];
}

function toDay(year: number, month: number, date: number): Day {
  return new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10);
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Return the first day of the period that holds `day`. Weeks begin on Monday (ISO 8601). */
export function firstDay(period: Period, day: Day): Day {
  const [year, month] = parts(day);
  switch (period) {
    case 'week':
      return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
    case 'month':
      return toDay(year, month, 1);
    case 'year':
      return toDay(year, 1, 1);
    default:
      return day;
  }
}

/** Return the day after the period's last day. */
export function dayAfter(period: Period, day: Day): Day {
  return shift(period, firstDay(period, day), 1);
}

/** Return the same day `n` periods later; 31 March less a month is 28 February. */
export function shift(period: Period, day: Day, n: number): Day {
  if (period === 'day' || period === 'week') return addDays(day, period === 'day' ? n : 7 * n);
  const [year, month, date] = parts(day);
  const months = year * 12 + month - 1 + n * (period === 'year' ? 12 : 1);
  const [toYear, toMonth] = [Math.floor(months / 12), (months % 12) + 1];
  return toDay(toYear, toMonth, Math.min(date, daysInMonth(toYear, toMonth)));
}

export function samePeriod(period: Period, a: Day, b: Day): boolean {
  return firstDay(period, a) === firstDay(period, b);
}

/** Return the ISO 8601 week number. */
export function weekNumber(day: Day): number {
  const thursday = addDays(firstDay('week', day), 3);
  const january = firstDay('year', thursday);
  return Math.floor((Date.parse(thursday) - Date.parse(january)) / (7 * 24 * MS_PER_HOUR)) + 1;
}

export type Span = { start: number; end: number };
/** One of the two equal clock hours of a 25-hour day; null everywhere else. */
export type Repeat = 'first' | 'second' | null;

/** One slot of a period, whether or not anything was measured in it. */
export type SlotSpan = Span & {
  kind: Resolution;
  /** The local day it begins on. */
  day: Day;
  /** Of an hour: 0-23 on the zone's clock; null for days and months. */
  clockHour: number | null;
  repeat: Repeat;
};

/** Return the first instant of the period in `zone`, and of the next period. */
export function periodBounds(period: Period, day: Day, zone: string): Span {
  return { start: dayBounds(firstDay(period, day), zone).start, end: dayBounds(dayAfter(period, day), zone).start };
}

/** Return the slots of the period: 23–25 hours, 7 days, 28–31 days, 12 months. */
export function slotSpans(period: Period, day: Day, zone: string): SlotSpan[] {
  const first = firstDay(period, day);
  if (period === 'day') {
    const { start, end } = dayBounds(first, zone);
    return repeats(
      Array.from({ length: (end - start) / MS_PER_HOUR }, (_, index) => {
        const from = start + index * MS_PER_HOUR;
        return { kind: 'hour', start: from, end: from + MS_PER_HOUR, day: first, clockHour: hourOf(from, zone), repeat: null };
      }),
    );
  }
  const unit = period === 'year' ? 'month' : 'day';
  const after = dayAfter(period, day);
  const spans: SlotSpan[] = [];
  for (let at = first; at < after; at = shift(unit, at, 1)) {
    spans.push({ ...periodBounds(unit, at, zone), kind: unit, day: at, clockHour: null, repeat: null });
  }
  return spans;
}

/** Mark the two hours of the same name, where the clock went back. */
export function repeats(hours: readonly SlotSpan[]): SlotSpan[] {
  return hours.map((hour, index) => {
    const second = hours[index - 1]?.clockHour === hour.clockHour;
    const first = hours[index + 1]?.clockHour === hour.clockHour;
    return { ...hour, repeat: second ? 'second' : first ? 'first' : null };
  });
}
