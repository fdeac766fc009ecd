// The service's answer for one day of one device: its hours as slots, and live updates applied to it.
import type { DailyEnergy, HourEntry, HourlyUpdated, SeriesPoint } from '@/lib/transport/api-types';
import { dayBounds } from './days';
import { figuresOf } from './figures';
import { repeats, type SlotSpan } from './periods';

/** Return the hours of the day, as the service counts them. */
export function hourSpans(day: DailyEnergy): SlotSpan[] {
  const { end } = dayBounds(day.date, day.timezone);
  const starts = day.hourly_data.map((entry) => Date.parse(entry.start));
  return repeats(
    day.hourly_data.map((entry, index) => ({
      kind: 'hour',
      start: starts[index] ?? end,
      end: starts[index + 1] ?? end,
      day: day.date,
      clockHour: entry.hour,
      repeat: null,
    })),
  );
}

/** Return the hours of the day as points of a series. */
export function pointsOfDay(day: DailyEnergy): SeriesPoint[] {
  return day.hourly_data.map((entry) => ({
    start: entry.start,
    total_consumption: entry.total_consumption,
    measurement_count: entry.measurement_count,
    hours_with_data: entry.total_consumption === null ? 0 : 1,
    hours_expected: 1,
    ...(entry.covers_hours === undefined ? {} : { covers_hours: entry.covers_hours }),
  }));
}

/** Hours whose energy the hour holds. Absent in an answer is 1; a frame has 0 for an hour without readings. */
const coversOf = ({ covers_hours: hours = 1 }: { covers_hours?: number }) => Math.max(1, hours);

/** Return the day after one hour changed, with its figures; the very same object if nothing changed. */
export function applyHour(day: DailyEnergy, update: HourlyUpdated): DailyEnergy {
  const start = Date.parse(update.start);
  const index = day.hourly_data.findIndex((entry) => Date.parse(entry.start) === start);
  const entry = day.hourly_data[index];
  if (entry === undefined || day.device_id !== update.device_id) return day;
  if (
    entry.total_consumption === update.total_consumption &&
    entry.measurement_count === update.measurement_count &&
    coversOf(entry) === coversOf(update)
  ) {
    return day;
  }
  const hourly = day.hourly_data.with(index, {
    hour: entry.hour,
    start: entry.start,
    total_consumption: update.total_consumption,
    measurement_count: update.measurement_count,
    ...(coversOf(update) > 1 && { covers_hours: coversOf(update) }),
  });
  return { ...day, hourly_data: hourly, ...summaryOf(hourly) };
}

type Summary = Pick<
  DailyEnergy,
  'total_daily_consumption' | 'average_hourly_consumption' | 'peak_hour' | 'hours_with_data'
>;

function summaryOf(entries: readonly HourEntry[]): Summary {
  const { total, average, highest, known } = figuresOf(
    entries.map((entry) => ({
      hour: entry.hour,
      start: entry.start,
      kwh: entry.total_consumption,
      coversHours: entry.total_consumption === null ? 0 : coversOf(entry),
      hoursExpected: 1,
    })),
  );
  return {
    total_daily_consumption: total,
    average_hourly_consumption: average,
    peak_hour: highest?.kwh == null ? null : { hour: highest.hour, start: highest.start, total_consumption: highest.kwh },
    hours_with_data: known,
  };
}
