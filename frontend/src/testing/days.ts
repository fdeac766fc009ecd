// Days as the API gives them, for tests.
import { TZDate } from '@date-fns/tz';
import type { DailyEnergy, HourlyUpdated, PeriodUpdated } from '@/lib/transport/api-types';
import { hourSpans, pointsOfDay } from '@/lib/energy/day-answer';
import { slotsOf, type Slot } from '@/lib/energy/slots';
import { dayBounds, MS_PER_HOUR } from '@/lib/energy/days';
import { sumKwh } from '@/lib/energy/kwh';
import type { Quality } from '@/lib/energy/figures';

export const DEVICE_ID = '4c189959-e674-4eaa-8ebb-98fd953657c5';

/** A day whose n-th hour uses `kwhAt(n)`. */
export function aDay(date: string, timezone: string, kwhAt: (index: number) => number | null): DailyEnergy {
  const { start, end } = dayBounds(date, timezone);
  const hourly = Array.from({ length: (end - start) / MS_PER_HOUR }, (_, index) => {
    const instant = start + index * MS_PER_HOUR;
    const kwh = kwhAt(index);
    return {
      hour: new TZDate(instant, timezone).getHours(),
      start: new Date(instant).toISOString().replace('.000Z', 'Z'),
      total_consumption: kwh,
      estimated: kwh === null ? null : 0,
      measurement_count: kwh === null ? 0 : 6,
      quality: qualityOf(kwh),
    };
  });
  const known = hourly.flatMap((hour) => (hour.total_consumption === null ? [] : [hour.total_consumption]));
  const total = sumKwh(known);
  const peak = hourly.find((hour) => hour.total_consumption === Math.max(...known));
  return {
    device_id: DEVICE_ID,
    channel: 'main',
    quantity: 'electricity',
    unit: 'kWh',
    date,
    timezone,
    hourly_data: hourly,
    total_daily_consumption: known.length === 0 ? null : total,
    average_hourly_consumption: known.length === 0 ? null : total / known.length,
    peak_hour:
      peak === undefined || peak.total_consumption === null
        ? null
        : { hour: peak.hour, start: peak.start, total_consumption: peak.total_consumption },
    hours_with_data: known.length,
    estimated: known.length === 0 ? null : 0,
    quality: { measured: 4 * known.length, estimated: 0, missing: 4 * (hourly.length - known.length) },
  };
}

/** The quality of an hour that is measured, or missing. */
export function qualityOf(kwh: number | null, hours = 1): Quality {
  return kwh === null ? { measured: 0, estimated: 0, missing: 4 * hours } : { measured: 4 * hours, estimated: 0, missing: 0 };
}

export function hourStart(day: DailyEnergy, index: number): string {
  return day.hourly_data[index]?.start ?? '';
}

export function anUpdate(day: DailyEnergy, index: number, kwh: number): HourlyUpdated {
  return {
    type: 'hourly_updated',
    device_id: day.device_id,
    start: hourStart(day, index),
    total_consumption: kwh,
    measurement_count: 1,
    covers_hours: 1,
    last_reading_at: hourStart(day, index),
    last_reading_value: kwh,
    estimated: 0,
    quality: qualityOf(kwh),
    channel: 'main',
  };
}

/** Energy of the device changed in a period, and its last reading with it. */
export function aPeriodUpdate(start: string, end: string, lastReadingAt: string, value: number): PeriodUpdated {
  return { type: 'period_updated', device_id: DEVICE_ID, start, end, last_reading_at: lastReadingAt, last_reading_value: value, channel: 'main' };
}

const ESTIMATED: Quality = { measured: 0, estimated: 4, missing: 0 };

/** The same day, in which the energy of the hour at `index` is estimated. */
export function withEstimate(day: DailyEnergy, index: number): DailyEnergy {
  const hour = day.hourly_data[index];
  if (hour === undefined) return day;
  return { ...day, hourly_data: day.hourly_data.with(index, { ...hour, estimated: hour.total_consumption, quality: ESTIMATED }) };
}

/** The same update, in which the energy is estimated. */
export function asEstimate(update: HourlyUpdated): HourlyUpdated {
  return { ...update, estimated: update.total_consumption, quality: ESTIMATED };
}

/** The slots of a day. */
export function hoursOf(day: DailyEnergy, now: number, first?: number): Slot[] {
  return slotsOf(hourSpans(day), pointsOfDay(day), now, first);
}
