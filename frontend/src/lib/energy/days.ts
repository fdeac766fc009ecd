// Local days of a device's zone, as 'YYYY-MM-DD' strings. A day string has no zone of its own:
// arithmetic on it is calendar arithmetic and never meets a clock change; only `dayBounds`
// and `dayOf` go between days and instants.
import { TZDate } from '@date-fns/tz';
import { lightFormat } from 'date-fns';

export type Day = string;

const DAY_PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;
export const MS_PER_DAY = 86_400_000;
export const MS_PER_HOUR = 3_600_000;
export const MS_PER_QUARTER = 900_000;

function utcMidnight(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function fromUtcMidnight(ms: number): Day {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The years that the server answers for, less one at each end: periods and comparisons reach beyond the day. */
const FIRST_YEAR = 1901;
const LAST_YEAR = 2198;

/** Return the text as a day; null if it is none ('2026-02-30' is none) or outside the years that the server answers for. */
export function parseDay(text: string | null): Day | null {
  if (text === null || !DAY_PATTERN.test(text)) return null;
  const year = Number(text.slice(0, 4));
  if (year < FIRST_YEAR || year > LAST_YEAR) return null;
  const ms = utcMidnight(text);
  return Number.isNaN(ms) || fromUtcMidnight(ms) !== text ? null : text;
}

export function addDays(day: Day, days: number): Day {
  return fromUtcMidnight(utcMidnight(day) + days * MS_PER_DAY);
}

/** Return how many days `to` is after `from`. */
export function daysBetween(from: Day, to: Day): number {
  return (utcMidnight(to) - utcMidnight(from)) / MS_PER_DAY;
}

/** Return the local day in `zone` that holds the instant. */
export function dayOf(instant: number | string, zone: string): Day {
  const local = new TZDate(typeof instant === 'string' ? Date.parse(instant) : instant, zone);
  return lightFormat(local, 'yyyy-MM-dd');
}

/** Return "2026-11-22 14:05:00", as the clock of `zone` shows the instant. */
export function localTime(instant: number, zone: string): string {
  return lightFormat(new TZDate(instant, zone), 'yyyy-MM-dd HH:mm:ss');
}

/** Return the hour 0-23 on the clock of `zone`. */
export function hourOf(instant: number, zone: string): number {
  return new TZDate(instant, zone).getHours();
}

/** Return the minutes 0-59 on the clock of `zone`. */
export function minuteOf(instant: number, zone: string): number {
  return new TZDate(instant, zone).getMinutes();
}

/** Return the first instant of the day and of the day after, in ms. They are 23 to 25 hours apart. */
export function dayBounds(day: Day, zone: string): { start: number; end: number } {
  return { start: startOf(day, zone), end: startOf(addDays(day, 1), zone) };
}

function startOf(day: Day, zone: string): number {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const midnight = new TZDate(year, month - 1, date, 0, 0, 0, zone).getTime();
  // Where the clock changes at midnight (Santiago, Beirut, …) 00:00 may not exist, or be an hour after
  // the instant that the library gives, which is then one of the day before.
  return dayOf(midnight, zone) === day ? midnight : midnight + MS_PER_HOUR;
}

export function hoursIn(day: Day, zone: string): number {
  const { start, end } = dayBounds(day, zone);
  return (end - start) / MS_PER_HOUR;
}

/** Return the given IANA zone if this browser knows it, else UTC. */
export function knownZone(zone: string): string {
  try {
    // Throws for a zone it does not know.
    Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return 'UTC';
  }
}
