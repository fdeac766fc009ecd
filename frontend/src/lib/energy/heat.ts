// Hours × days of a period, as levels of a heat map.
import type { SeriesPoint } from '@/lib/transport/api-types';
import { dayOf, MS_PER_HOUR, type Day } from './days';
import { sumKwh } from './energy-day';
import { clock } from '@/lib/labels/format';

export const LEVELS = 5;

export type HeatCell = { kwh: number | null; level: number | null };
export type Heat = {
  /** The day of each column; of weekdays, the first such day. */
  days: Day[];
  /** 24 rows (clock hours), each with one cell a column. */
  rows: HeatCell[][];
  lowest: number | null;
  highest: number | null;
  /** Clock hour with the most energy over all days. */
  strongest: number | null;
};

/**
 * kWh of each clock hour and day, summed over the devices. The hour that comes twice when the clock
 * goes back is shown as the average of the two: its field is one hour high. An hour outside `whole` may be a
 * part of one, and is not the lowest.
 */
export function heatOf(
  days: readonly Day[],
  devices: readonly (readonly SeriesPoint[])[],
  zone: string,
  whole: { from: number; to: number } = { from: -Infinity, to: Infinity },
): Heat {
  const found = new Map<string, { perHour: Map<string, number[]> }>();
  for (const points of devices) {
    for (const { start, total_consumption } of points) {
      if (total_consumption === null) continue;
      const key = `${dayOf(start, zone)} ${Number(clock(Date.parse(start), zone).slice(0, 2))}`;
      const cell = found.get(key) ?? { perHour: new Map<string, number[]>() };
      cell.perHour.set(start, [...(cell.perHour.get(start) ?? []), total_consumption]);
      found.set(key, cell);
    }
  }
  const kwhOf = (day: Day, hour: number): number | null => {
    const cell = found.get(`${day} ${hour}`);
    if (cell === undefined) return null;
    const hours = [...cell.perHour.values()].map((kwhs) => sumKwh(kwhs));
    return Math.round((sumKwh(hours) / hours.length) * 1e6) / 1e6;
  };
  const isWhole = (day: Day, hour: number) =>
    [...(found.get(`${day} ${hour}`)?.perHour.keys() ?? [])].every(
      (start) => Date.parse(start) >= whole.from && Date.parse(start) + MS_PER_HOUR <= whole.to,
    );
  const table = Array.from({ length: 24 }, (_, hour) => days.map((day) => kwhOf(day, hour)));
  const wholes = table.flatMap((row, hour) => row.flatMap((kwh, at) => (kwh !== null && isWhole(days[at] ?? '', hour) ? [kwh] : [])));
  return levelled(days, table, wholes.length === 0 ? null : Math.min(...wholes));
}

/** The same by weekday, from Monday: the average of each hour over the days that have it. The lowest stays that of all hours. */
export function byWeekday({ days, rows, lowest }: Heat): Heat {
  const weekdays = Array.from({ length: 7 }, (_, weekday) =>
    days.flatMap((day, index) => (weekdayOf(day) === weekday ? [index] : [])),
  ).filter((columns) => columns.length > 0);
  const averages = rows.map((row) =>
    weekdays.map((columns) => {
      const known = columns.flatMap((index) => row[index]?.kwh ?? []);
      return known.length === 0 ? null : Math.round((sumKwh(known) / known.length) * 1e6) / 1e6;
    }),
  );
  return levelled(
    weekdays.map(([first]) => days[first ?? 0] ?? ''),
    averages,
    lowest,
  );
}

/** Days since Monday. */
const weekdayOf = (day: Day) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

function levelled(days: readonly Day[], table: (number | null)[][], lowest: number | null): Heat {
  const known = table.flat().filter((kwh) => kwh !== null);
  const highest = known.length === 0 ? null : Math.max(...known);
  const sums = table.map((row) => sumKwh(row.map((kwh) => kwh ?? 0)));
  return {
    days: [...days],
    rows: table.map((row) => row.map((kwh) => ({ kwh, level: levelOf(kwh, highest) }))),
    lowest,
    highest,
    strongest: known.length === 0 ? null : sums.indexOf(Math.max(...sums)),
  };
}

function levelOf(kwh: number | null, highest: number | null): number | null {
  if (kwh === null || highest === null) return null;
  return highest === 0 ? 0 : Math.min(LEVELS - 1, Math.floor((kwh / highest) * LEVELS));
}
