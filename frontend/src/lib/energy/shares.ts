// Shares of a total: of devices, and of the parts of a day.
import { sumKnown, sumKwh } from './kwh';
import type { Slot } from './slots';

export type Ranked<T> = { item: T; kwh: number | null; share: number };

/** Return the items from most to least, with shares of the whole; unknown ones come last. */
export function ranking<T extends { kwh: number | null }>(items: readonly T[]): Ranked<T>[] {
  const whole = sumKwh(items.map(({ kwh }) => kwh ?? 0));
  return items
    .map((item) => ({ item, kwh: item.kwh, share: whole > 0 ? (item.kwh ?? 0) / whole : 0 }))
    .toSorted((a, b) => (b.kwh ?? -1) - (a.kwh ?? -1));
}

/** Return a share as the width of a bar in its track: half of it is half the track. */
export function percentWidth(share: number): string {
  return `${100 * share}%`;
}

export type DayPart = 'night' | 'morning' | 'afternoon' | 'evening';
const DAY_PARTS: readonly DayPart[] = ['night', 'morning', 'afternoon', 'evening'];

export type PartOfDay = { part: DayPart; kwh: number | null; share: number };

/** Return the energy of the four quarters of the clock (from 0, 6, 12, 18 h) and their shares of the day. */
export function partsOfDay(hours: readonly Pick<Slot, 'clockHour' | 'kwh'>[]): PartOfDay[] {
  const kwhs = DAY_PARTS.map((_, quarter) =>
    sumKnown(hours.flatMap(({ clockHour, kwh }) => (Math.floor((clockHour ?? 0) / 6) === quarter ? [kwh] : []))),
  );
  const total = sumKwh(kwhs.map((kwh) => kwh ?? 0));
  return DAY_PARTS.map((part, quarter) => {
    const kwh = kwhs[quarter] ?? null;
    return { part, kwh, share: total > 0 ? (kwh ?? 0) / total : 0 };
  });
}
