// Periods as calendar arithmetic on local days; instants only where slots begin. A period is one of the calendar, or a
// number of days that ends on a day: the last 7 days, an own range, the time since the first reading.
import { addDays, dayBounds, daysBetween, dayOf, hourOf, minuteOf, MS_PER_HOUR, MS_PER_QUARTER, type Day } from './days';

export const PERIODS = ['day', 'week', 'month', 'year'] as const;
export type CalendarPeriod = (typeof PERIODS)[number] | 'quarter';
/** So many days, the last of which is the period's date. */
export type DaysPeriod = `${number}days`;
export type Period = CalendarPeriod | DaysPeriod;
/** `quarter`: a quarter of an hour. */
export type Resolution = 'quarter' | 'hour' | 'day' | 'month' | 'year';

const CALENDAR: readonly CalendarPeriod[] = [...PERIODS, 'quarter'];
/** Days that fit between the first and the last day that the server answers for. */
const MOST_DAYS = 109_000;

/** The most days that are drawn in hours, in days and in months; longer periods are drawn in years. */
const MOST = { hour: 3, day: 100, month: 1_830 };

export function isDays(period: Period): period is DaysPeriod {
  return period.endsWith('days');
}

/** Return the period of the days from `from` to `to`, both included; one day is a day of the calendar. */
export function daysFrom(from: Day, to: Day): Period {
  const days = daysBetween(from, to) + 1;
  return days <= 1 ? 'day' : `${days}days`;
}

/** Return how many days a period of days has. */
export function lengthOf(period: DaysPeriod): number {
  return Number(period.slice(0, -'days'.length));
}

export function parsePeriod(text: string | null): Period {
  const calendar = CALENDAR.find((period) => period === text);
  if (calendar !== undefined) return calendar;
  const days = Number(/^([1-9]\d{0,5})days$/.exec(text ?? '')?.[1] ?? 0);
  return days >= 2 && days <= MOST_DAYS ? `${days}days` : 'day';
}

/** Return the kind of the period's slots; `quarters`: those of a day are quarters of an hour. */
export function resolutionOf(period: Period, quarters = false): Resolution {
  if (!isDays(period)) return period === 'day' ? (quarters ? 'quarter' : 'hour') : period === 'year' ? 'month' : 'day';
  const days = lengthOf(period);
  return days <= MOST.hour ? 'hour' : days <= MOST.day ? 'day' : days <= MOST.month ? 'month' : 'year';
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

/** Return the first day of the period that holds `day`, or ends on it. Weeks begin on Monday (ISO 8601). */
export function firstDay(period: Period, day: Day): Day {
  const [year, month] = parts(day);
  if (isDays(period)) return addDays(day, 1 - lengthOf(period));
  switch (period) {
    case 'week':
      return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
    case 'month':
      return toDay(year, month, 1);
    case 'quarter':
      return toDay(year, month - ((month - 1) % 3), 1);
    case 'year':
      return toDay(year, 1, 1);
    default:
      return day;
  }
}

/** Return the day after the period's last day. */
export function dayAfter(period: Period, day: Day): Day {
  return isDays(period) ? addDays(day, 1) : shift(period, firstDay(period, day), 1);
}

const MONTHS = { month: 1, quarter: 3, year: 12 };

/** Return the same day `n` periods later; 31 March less a month is 28 February. */
export function shift(period: Period, day: Day, n: number): Day {
  if (isDays(period)) return addDays(day, n * lengthOf(period));
  if (period === 'day' || period === 'week') return addDays(day, period === 'day' ? n : 7 * n);
  const [year, month, date] = parts(day);
  const months = year * 12 + month - 1 + n * MONTHS[period];
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
  return Math.floor(daysBetween(january, thursday) / 7) + 1;
}

export type Span = { start: number; end: number };
/** One of the two equal clock hours, or quarters, of a 25-hour day; null everywhere else. */
export type Repeat = 'first' | 'second' | null;

/** One slot of a period, whether or not anything was measured in it. */
export type SlotSpan = Span & {
  kind: Resolution;
  /** The local day it begins on. */
  day: Day;
  /** Of an hour or quarter: 0-23 on the zone's clock; null for days, months and years. */
  clockHour: number | null;
  /** Of a quarter: the minutes on the zone's clock. */
  clockMinute?: number;
  repeat: Repeat;
  /** Of a month or year that the period's ends cut: the last day of the part. */
  until?: Day;
  /** Of an hour of a period of several days: its name says the day. */
  dated?: true;
};

/** Return the first instant of the period in `zone`, and of the next period. */
export function periodBounds(period: Period, day: Day, zone: string): Span {
  return { start: dayBounds(firstDay(period, day), zone).start, end: dayBounds(dayAfter(period, day), zone).start };
}

/** Return whether slots of this kind are parts of a day, which the clock names. */
export function isOfClock(kind: Resolution): kind is 'hour' | 'quarter' {
  return kind === 'hour' || kind === 'quarter';
}

/** Return the slots of the period: 23–25 hours, 92–100 quarters, 7 days, 28–31 days, 12 months, or as many as its length demands. */
export function slotSpans(period: Period, day: Day, zone: string, kind: Resolution = resolutionOf(period)): SlotSpan[] {
  if (kind === 'quarter') return quarterSpans(periodBounds(period, day, zone), zone);
  if (kind === 'hour') {
    const { start, end } = periodBounds(period, day, zone);
    const starts = Array.from({ length: (end - start) / MS_PER_HOUR }, (_, index) => start + index * MS_PER_HOUR);
    return hourSpansOf(starts, end, zone, period !== 'day');
  }
  const after = dayAfter(period, day);
  const spans: SlotSpan[] = [];
  let at = firstDay(period, day);
  while (at < after) {
    const [begin, next] = [firstDay(kind, at), dayAfter(kind, at)];
    const end = next < after ? next : after;
    const cut = begin < at || end < next;
    spans.push({ ...betweenDays(at, end, zone), kind, day: at, clockHour: null, repeat: null, ...(cut && { until: addDays(end, -1) }) });
    at = end;
  }
  return spans;
}

/** Return the instants at which the local days `from` and `after` begin. */
export function betweenDays(from: Day, after: Day, zone: string): Span {
  return { start: dayBounds(from, zone).start, end: dayBounds(after, zone).start };
}

/** Return the clock hours that begin at `starts`, the last of which ends at `end`. */
export function hourSpansOf(starts: readonly number[], end: number, zone: string, dated: boolean): SlotSpan[] {
  return repeats(
    starts.map((start, index) => ({
      kind: 'hour',
      start,
      end: starts[index + 1] ?? end,
      day: dayOf(start, zone),
      clockHour: hourOf(start, zone),
      repeat: null,
      ...(dated && { dated }),
    })),
  );
}

function quarterSpans({ start: from, end }: Span, zone: string): SlotSpan[] {
  return repeats(
    Array.from({ length: Math.ceil((end - from) / MS_PER_QUARTER) }, (_, index) => {
      const start = from + index * MS_PER_QUARTER;
      return {
        kind: 'quarter',
        start,
        end: Math.min(end, start + MS_PER_QUARTER),
        day: dayOf(start, zone),
        clockHour: hourOf(start, zone),
        clockMinute: minuteOf(start, zone),
        repeat: null,
      };
    }),
  );
}

/** Mark the two hours, or quarters, of the same name, where the clock went back. */
export function repeats(slots: readonly SlotSpan[]): SlotSpan[] {
  const names = slots.map(clockName);
  const last = new Map(names.map((name, index) => [name, index]));
  return slots.map((slot, index) => {
    const name = clockName(slot);
    const second = names.indexOf(name) < index;
    return { ...slot, repeat: second ? 'second' : last.get(name) === index ? null : 'first' };
  });
}

/** Return what the clock shows when a slot begins: equal for the two that a clock which went back shows twice. */
export function clockName({ day, clockHour, clockMinute }: Pick<SlotSpan, 'day' | 'clockHour' | 'clockMinute'>): string {
  return `${day} ${clockHour}:${clockMinute ?? 0}`;
}
