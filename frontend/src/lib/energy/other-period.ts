// The period that another one is compared with, and its slots in the places of those that they are compared with.
//
// Like for like: each day has one day that it is compared with, and a slot of days is compared with exactly its days.
// Example: the months of 15 January to 20 June are compared with the 157 days before. The first slot, 15 to 31 January,
// has 17 days and stands beside 11 to 27 August; February stands beside the 28 days after these.
import type { SeriesPoint } from '@/lib/transport/api-types';
import { addDays, daysBetween, dayOf, type Day } from './days';
import { betweenDays, clockName, dayAfter, daysFrom, firstDay, isDays, resolutionOf, shift, type Period, type SlotSpan } from './periods';
import { slotsOf, type Slot } from './slots';

export type OtherTime = {
  period: Period;
  date: Day;
  /** Returns the day that a day of the shown period is compared with. */
  dayFor: (day: Day) => Day;
};

/** Return the period of the same kind, or of the same length, before this one. */
export function periodBefore(period: Period, date: Day): OtherTime {
  const before = shift(period, date, -1);
  if (period === 'year') return { period, date: before, dayFor: aYearBefore };
  const by = daysBetween(firstDay(period, before), firstDay(period, date));
  return { period, date: before, dayFor: (day) => addDays(day, -by) };
}

/** Return the same period of the year before; of a day or week, the one around the same date. */
export function periodAYearBefore(period: Period, date: Day): OtherTime {
  if (period === 'day' || period === 'week') {
    const before = shift('year', date, -1);
    const by = daysBetween(firstDay(period, before), firstDay(period, date));
    return { period, date: before, dayFor: (day) => addDays(day, -by) };
  }
  if (!isDays(period)) return { period, date: shift('year', date, -1), dayFor: aYearBefore };
  const last = addDays(aYearBefore(dayAfter(period, date)), -1);
  return { period: daysFrom(aYearBefore(firstDay(period, date)), last), date: last, dayFor: aYearBefore };
}

/** Return the same date of the year before. That of 29 February is 1 March, so a year without it leaves it alone. */
function aYearBefore(day: Day): Day {
  return day.endsWith('-02-29') ? addDays(shift('year', day, -1), 1) : shift('year', day, -1);
}

/** Return whether a period can be compared with another time: years have too many days to be compared day by day. */
export function hasOtherTime(period: Period): boolean {
  return resolutionOf(period) !== 'year';
}

/** Return the points of another time in the places of these days, months or years. Days that only one of the times has compare with nothing. */
export function slotsBeside(
  slots: readonly Slot[],
  dayFor: OtherTime['dayFor'],
  points: readonly SeriesPoint[],
  zone: string,
  now: number,
  first: number,
): Slot[] {
  const spans = slots.map(({ kind, day, end }): SlotSpan => {
    const from = dayFor(day);
    return { ...betweenDays(from, dayFor(dayOf(end, zone)), zone), kind, day: from, clockHour: null, repeat: null };
  });
  return slotsOf(spans, points, now, first);
}

/**
 * Return the hours, or quarters, of another time in the places of these. They go by the clock: where it changes, the hour at the
 * same place is another one, and an hour that only one of the days has compares with nothing.
 */
export function hoursBeside(hours: readonly Slot[], other: readonly Slot[], dayFor: (day: Day) => Day): Slot[] {
  const byClock = new Map(other.map((hour) => [`${clockName(hour)} ${hour.repeat ?? 'first'}`, hour]));
  return hours.map(
    (hour) =>
      byClock.get(`${clockName({ ...hour, day: dayFor(hour.day) })} ${hour.repeat ?? 'first'}`) ?? {
        ...hour,
        kwh: null,
        readingCount: 0,
        hoursWithData: 0,
        estimated: 0,
        quality: { measured: 0, estimated: 0, missing: hour.kind === 'quarter' ? 1 : 4 },
        state: 'missing',
      },
  );
}
