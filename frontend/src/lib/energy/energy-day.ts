// What one day of one device says: its hours, gaps, sums. Pure functions; nothing here knows React
// or the network.
import type { DailyEnergy, HourEntry, HourlyUpdated, PeakHour } from '@/lib/transport/api-types';
import { dayBounds } from './days';

/**
 * measured: over, with readings. open: the hour the clock is in. missing: over, without a reading.
 * unmetered: before the device's first reading. ahead: not begun. Only `missing` is a gap to show; an hour still to
 * come is no fault.
 */
export type HourState = 'measured' | 'open' | 'missing' | 'unmetered' | 'ahead';

/** Which of the two equal clock hours of a 25-hour day this is; null everywhere else. */
export type Repeat = 'first' | 'second' | null;

export type Hour = {
  start: number;
  end: number;
  /** Clock hour 0-23 in the device's zone. */
  clockHour: number;
  kwh: number | null;
  count: number;
  state: HourState;
  repeat: Repeat;
  /** Hours whose energy this one holds, when the meter was silent before it; else null. */
  covers: number | null;
};

/** Sums in whole milliwatt-hours: a sum of the API's 6-decimal numbers stays equal, not close. */
export function sumKwh(values: readonly number[]): number {
  return values.reduce((sum, kwh) => sum + Math.round(kwh * 1e6), 0) / 1e6;
}

/** `first`: when the device's first hour with readings began. */
export function hoursOf(day: DailyEnergy, now: number, first = -Infinity): Hour[] {
  const { end } = dayBounds(day.date, day.timezone);
  const entries = day.hourly_data;
  return entries.map((entry, index) => {
    const start = Date.parse(entry.start);
    const next = entries[index + 1];
    const hourEnd = next === undefined ? end : Date.parse(next.start);
    return {
      start,
      end: hourEnd,
      clockHour: entry.hour,
      kwh: entry.total_consumption,
      count: entry.measurement_count,
      state: stateOf(entry, start, hourEnd, now, first),
      repeat: repeatOf(entries, index),
      covers: (entry.covers_hours ?? 1) > 1 ? (entry.covers_hours ?? null) : null,
    };
  });
}

function stateOf(entry: HourEntry, start: number, end: number, now: number, first: number): HourState {
  if (start <= now && now < end) return 'open';
  if (entry.total_consumption !== null) return 'measured';
  return start > now ? 'ahead' : end <= first ? 'unmetered' : 'missing';
}

function repeatOf(entries: readonly HourEntry[], index: number): Repeat {
  const hour = entries[index]?.hour;
  if (entries[index - 1]?.hour === hour) return 'second';
  return entries[index + 1]?.hour === hour ? 'first' : null;
}

/**
 * Another day's hours in the places of this one's, by the clock: where the clock changes, the hour at
 * the same place is another one, and an hour that only one of the days has compares with nothing.
 * Nothing, where the other day is not known.
 */
export function byClock(hours: readonly Hour[], other: readonly Hour[]): Hour[] {
  if (other.length === 0) return [];
  const name = ({ clockHour, repeat }: Hour) => `${clockHour} ${repeat ?? 'first'}`;
  const known = new Map(other.map((hour) => [name(hour), hour]));
  return hours.map((hour) => known.get(name(hour)) ?? { ...hour, kwh: null, count: 0, state: 'missing', covers: null });
}

export function missingHours(hours: readonly Hour[]): number {
  return hours.filter((hour) => hour.state === 'missing').length;
}

/** The same day after one hour changed, with its sums; the very same object if nothing changed. */
export function applyHour(day: DailyEnergy, update: HourlyUpdated): DailyEnergy {
  const start = Date.parse(update.start);
  const index = day.hourly_data.findIndex((entry) => Date.parse(entry.start) === start);
  const entry = day.hourly_data[index];
  if (entry === undefined || day.device_id !== update.device_id) return day;
  if (
    entry.total_consumption === update.total_consumption &&
    entry.measurement_count === update.measurement_count
  ) {
    return day;
  }
  const hourly = day.hourly_data.with(index, {
    ...entry,
    total_consumption: update.total_consumption,
    measurement_count: update.measurement_count,
  });
  return { ...day, hourly_data: hourly, ...sumsOf(hourly) };
}

type Sums = Pick<
  DailyEnergy,
  'total_daily_consumption' | 'average_hourly_consumption' | 'peak_hour' | 'hours_with_data'
>;

function sumsOf(entries: readonly HourEntry[]): Sums {
  const known: PeakHour[] = entries.flatMap(({ hour, start, total_consumption }) =>
    total_consumption === null ? [] : [{ hour, start, total_consumption }],
  );
  const [first] = known;
  if (first === undefined) {
    return {
      total_daily_consumption: null,
      average_hourly_consumption: null,
      peak_hour: null,
      hours_with_data: 0,
    };
  }
  const total = sumKwh(known.map((hour) => hour.total_consumption));
  return {
    total_daily_consumption: total,
    average_hourly_consumption: Math.round((total / known.length) * 1e6) / 1e6,
    peak_hour: known.reduce((best, hour) => (hour.total_consumption > best.total_consumption ? hour : best), first),
    hours_with_data: known.length,
  };
}

/** kWh of the first `count` slots, or null when one of them is not known: then nothing compares. */
export function totalOfFirst(hours: readonly Hour[], count: number): number | null {
  const slots = hours.slice(0, count);
  const known = slots.flatMap((hour) => (hour.kwh === null ? [] : [hour.kwh]));
  return known.length === count && count > 0 ? sumKwh(known) : null;
}

/** Whole hours from the day's begin that have readings and are over; the basis of a fair comparison. */
export function closedHours(hours: readonly Hour[]): number {
  const firstNot = hours.findIndex((hour) => hour.state !== 'measured');
  return firstNot < 0 ? hours.length : firstNot;
}

export type DayPart = 'night' | 'morning' | 'afternoon' | 'evening';
export const DAY_PARTS: readonly DayPart[] = ['night', 'morning', 'afternoon', 'evening'];

export type PartOfDay = { part: DayPart; kwh: number | null; share: number };

/** Use of the four quarters of the clock (from 0, 6, 12, 18 h) and their shares of the day. */
export function partsOfDay(hours: readonly Hour[]): PartOfDay[] {
  const kwhs = DAY_PARTS.map((_, quarter) => {
    const known = hours.flatMap((hour) =>
      Math.floor(hour.clockHour / 6) === quarter && hour.kwh !== null ? [hour.kwh] : [],
    );
    return known.length === 0 ? null : sumKwh(known);
  });
  const total = sumKwh(kwhs.map((kwh) => kwh ?? 0));
  return DAY_PARTS.map((part, quarter) => {
    const kwh = kwhs[quarter] ?? null;
    return { part, kwh, share: total > 0 ? (kwh ?? 0) / total : 0 };
  });
}
