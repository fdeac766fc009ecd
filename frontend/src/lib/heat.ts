// Hours × days of a period, as levels of a heat map.
import type { SeriesPoint } from './api-types';
import { dayOf, type Day } from './days';
import { sumKwh } from './energy-day';
import { clock } from './format';

export const LEVELS = 5;

export type HeatCell = { kwh: number | null; level: number | null };
export type Heat = {
  days: Day[];
  /** 24 rows (clock hours), each with one cell a day. */
  rows: HeatCell[][];
  lowest: number | null;
  highest: number | null;
  /** Clock hour with the most energy over all days. */
  strongest: number | null;
};

/**
 * kWh of each clock hour and day, summed over the devices. The hour that comes twice when the clock
 * goes back is shown as the average of the two: its field is one hour high.
 */
export function heatOf(days: readonly Day[], devices: readonly (readonly SeriesPoint[])[], zone: string): Heat {
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
  const table = Array.from({ length: 24 }, (_, hour) => days.map((day) => kwhOf(day, hour)));
  const known = table.flat().filter((kwh) => kwh !== null);
  const highest = known.length === 0 ? null : Math.max(...known);
  const lowest = known.length === 0 ? null : Math.min(...known);
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
