// The service's answer for one day of one device: its hours as slots, and live updates applied to it.
import type { DailyEnergy, HourEntry, HourlyUpdated, SeriesPoint } from '@/lib/transport/api-types';
import { dayBounds } from './days';
import { figuresOf, type Quality } from './figures';
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
    estimated: entry.estimated,
    measurement_count: entry.measurement_count,
    hours_with_data: entry.total_consumption === null ? 0 : 1,
    hours_expected: 1,
    quality: entry.quality,
  }));
}

/** The quality of an hour in a frame. A live process of a former release does not say it. */
function qualityOf({ quality, total_consumption: kwh }: HourlyUpdated): Quality {
  return quality ?? (kwh === null ? { measured: 0, estimated: 0, missing: 4 } : { measured: 4, estimated: 0, missing: 0 });
}

const isSame = (quality: Quality, other: Quality) => quality.measured === other.measured && quality.estimated === other.estimated;

/** Return the day after one hour changed, with its figures; the very same object if nothing changed. */
export function applyHour(day: DailyEnergy, update: HourlyUpdated): DailyEnergy {
  const start = Date.parse(update.start);
  const index = day.hourly_data.findIndex((entry) => Date.parse(entry.start) === start);
  const entry = day.hourly_data[index];
  if (entry === undefined || day.device_id !== update.device_id) return day;
  if (
    entry.total_consumption === update.total_consumption &&
    entry.measurement_count === update.measurement_count &&
    isSame(entry.quality, qualityOf(update))
  ) {
    return day;
  }
  const hourly = day.hourly_data.with(index, {
    hour: entry.hour,
    start: entry.start,
    total_consumption: update.total_consumption,
    measurement_count: update.measurement_count,
    estimated: update.estimated ?? (update.total_consumption === null ? null : 0),
    quality: qualityOf(update),
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
      estimated: entry.estimated ?? 0,
      quality: entry.quality,
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
