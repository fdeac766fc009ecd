// The figures of a period: total, average, highest, lowest. The one definition of them in the browser; the service
// has its own, and both are tested with the cases in tests/fixtures/figures.
//
// The rule of gap hours: after a gap of a cumulative meter one hour holds the energy of several (`coversHours`). It
// counts in the average with all the hours that it covers, and is neither highest nor lowest, because nobody knows
// how its energy was spread. Example: 12:00 0.2 kWh, 13:00 0.3 kWh, 17:00 5.0 kWh for 4 hours give the total
// 5.5 kWh, the average 5.5 / 6 = 0.917 kWh, the highest 0.3 kWh at 13:00 and the lowest 0.2 kWh at 12:00.
import { roundKwh, sumKnown } from './kwh';

export type Energy = {
  /** Null without readings. */
  kwh: number | null;
  /** Hours whose energy this is: 0 without readings, more than `hoursExpected` after a gap before it. */
  coversHours: number;
  /** Hours that the slot has. */
  hoursExpected: number;
};

export type Figures<E extends Energy> = {
  total: number | null;
  /** kWh of an average slot. */
  average: number | null;
  /** The slot with the most energy, the first of equal ones. */
  highest: E | null;
  lowest: E | null;
  /** Slots with readings. */
  known: number;
};

/** Return whether a slot holds energy of hours before it. */
export function holdsGap({ coversHours, hoursExpected }: Energy): boolean {
  return coversHours > hoursExpected;
}

/** Return the figures of slots of one kind. */
export function figuresOf<E extends Energy>(slots: readonly E[]): Figures<E> {
  const known = slots.filter(({ kwh }) => kwh !== null);
  const total = sumKnown(known.map(({ kwh }) => kwh));
  const covered = known.reduce((sum, { coversHours, hoursExpected }) => sum + coversHours / hoursExpected, 0);
  const own = known.filter((slot) => !holdsGap(slot));
  return {
    total,
    average: total === null || covered === 0 ? null : roundKwh(total / covered),
    highest: first(own, (kwh, best) => kwh > best),
    lowest: first(own, (kwh, best) => kwh < best),
    known: known.length,
  };
}

function first<E extends Energy>(slots: readonly E[], better: (kwh: number, best: number) => boolean): E | null {
  return slots.reduce<E | null>((best, slot) => (best === null || better(slot.kwh ?? 0, best.kwh ?? 0) ? slot : best), null);
}
