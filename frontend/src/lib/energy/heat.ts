// Hours × days of a period, as levels of a heat map.
import type { SeriesPoint } from '@/lib/transport/api-types';
import { isEstimated } from './figures';
import { dayOf, hourOf, MS_PER_HOUR, type Day } from './days';
import { roundKwh, sumKwh } from './kwh';

export const LEVELS = 5;

/** `estimated`: a part of the energy is known only as the total of a longer time. */
export type HeatCell = { kwh: number | null; level: number | null; estimated: boolean };
export type Heat = {
  /** The day of each column; of weekdays, the first such day. */
  days: Day[];
  /** 24 rows (clock hours), each with one cell a column. */
  rows: HeatCell[][];
  lowest: number | null;
  highest: number | null;
  /** Clock hour with the most energy over all days. */
  strongest: number | null;
  /** The energies behind the rows, for averages. */
  cells: Cell[][];
};

type Cell = {
  kwh: number | null;
  /** Part of it is estimated. */
  estimated: boolean;
  /** Each of its hours is over and measured from its begin. */
  whole: boolean;
};

/** Energy of one hour of one cell. */
type HourEnergy = { start: number; kwhs: number[]; estimated: boolean };

/**
 * Return the kWh of each clock hour and day, summed over the devices. The hour that comes twice when the clock goes
 * back is shown as the average of the two: its field is one hour high. Neither an hour that reaches beyond `whole`
 * nor an estimated one is the lowest; an estimated hour is not the highest either.
 */
export function heatOf(
  days: readonly Day[],
  devices: readonly (readonly SeriesPoint[])[],
  zone: string,
  whole: { from: number; to: number } = { from: -Infinity, to: Infinity },
): Heat {
  const byCell = new Map<string, Map<number, HourEnergy>>();
  for (const points of devices) {
    for (const { start: text, total_consumption: kwh, quality } of points) {
      if (kwh === null) continue;
      const start = Date.parse(text);
      const key = `${dayOf(start, zone)} ${hourOf(start, zone)}`;
      const hours = byCell.get(key) ?? new Map<number, HourEnergy>();
      const hour = hours.get(start) ?? { start, kwhs: [], estimated: false };
      hours.set(start, { start, kwhs: [...hour.kwhs, kwh], estimated: hour.estimated || isEstimated({ quality }) });
      byCell.set(key, hours);
    }
  }
  const cellOf = (day: Day, clockHour: number): Cell => {
    const hours = [...(byCell.get(`${day} ${clockHour}`)?.values() ?? [])];
    if (hours.length === 0) return { kwh: null, estimated: false, whole: false };
    return {
      kwh: roundKwh(sumKwh(hours.flatMap(({ kwhs }) => kwhs)) / hours.length),
      estimated: hours.some(({ estimated }) => estimated),
      whole: hours.every(({ start }) => start >= whole.from && start + MS_PER_HOUR <= whole.to),
    };
  };
  const cells = Array.from({ length: 24 }, (_, hour) => days.map((day) => cellOf(day, hour)));
  const lowest = cells.flat().flatMap((cell) => (cell.kwh !== null && !cell.estimated && cell.whole ? [cell.kwh] : []));
  return levelled(days, cells, lowest.length === 0 ? null : Math.min(...lowest));
}

/** Return the same by weekday, from Monday: the average of each hour over the days that have it. The lowest stays that of all hours. */
export function byWeekday({ days, cells, lowest }: Heat): Heat {
  const weekdays = Array.from({ length: 7 }, (_, weekday) =>
    days.flatMap((day, index) => (weekdayOf(day) === weekday ? [index] : [])),
  ).filter((columns) => columns.length > 0);
  const averages = cells.map((row) =>
    weekdays.map((columns): Cell => {
      const known = columns.flatMap((index) => row[index] ?? []).filter(({ kwh }) => kwh !== null);
      const kwh = known.length === 0 ? null : roundKwh(sumKwh(known.map((cell) => cell.kwh ?? 0)) / known.length);
      return { kwh, estimated: known.some(({ estimated }) => estimated), whole: true };
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

/** Energy that was measured in the cell's own hour. */
const ownKwh = ({ kwh, estimated }: Cell) => (estimated ? 0 : (kwh ?? 0));

function levelled(days: readonly Day[], cells: Cell[][], lowest: number | null): Heat {
  const known = cells.flat().filter(({ kwh }) => kwh !== null);
  const highest = known.length === 0 ? null : Math.max(...known.map(ownKwh));
  const sums = cells.map((row) => sumKwh(row.map(ownKwh)));
  return {
    days: [...days],
    rows: cells.map((row) => row.map(({ kwh, estimated }) => ({ kwh, level: levelOf(kwh, highest), estimated }))),
    cells,
    lowest,
    highest,
    strongest: known.length === 0 ? null : sums.indexOf(Math.max(...sums)),
  };
}

function levelOf(kwh: number | null, highest: number | null): number | null {
  if (kwh === null || highest === null) return null;
  if (kwh > highest) return LEVELS - 1;
  return highest === 0 ? 0 : Math.min(LEVELS - 1, Math.floor((kwh / highest) * LEVELS));
}
