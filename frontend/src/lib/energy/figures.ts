// The figures of a period: total, average, highest, lowest. The one definition of them in the browser; the service
// has its own, and both are tested with the cases in tests/fixtures/figures.
//
// The rule of spans: energy that is known only as the total of a longer time counts in the total, and is estimated in
// the hours that it is divided over. Average, highest and lowest are those of measured energy, because nobody knows
// how the rest was spread. Example: 12:00 0.2 kWh, 13:00 0.3 kWh and a span of 5.0 kWh from 14:00 to 18:00 give the
// total 5.5 kWh, the average 0.25 kWh, the highest 0.3 kWh at 13:00 and the lowest 0.2 kWh at 12:00.
import { roundKwh, sumKnown } from './kwh';

/** Numbers of quarter-hours by what is known about their energy. */
export type Quality = { readonly measured: number; readonly estimated: number; readonly missing: number };

export type Energy = {
  /** Null if nothing is known. */
  kwh: number | null;
  /** Part of the energy that is known only as the total of a longer time, which the slot cuts. */
  estimated: number;
  quality: Quality;
  /** Hours that the slot has. */
  hoursExpected: number;
};

export type Figures<E extends Energy> = {
  total: number | null;
  /** kWh of an average slot. */
  average: number | null;
  /** The slot with the most measured energy, the first of equal ones, with that energy. */
  highest: E | null;
  lowest: E | null;
  /** Slots with known energy. */
  known: number;
  /** Slots with measured energy, over which the average is. */
  measured: number;
};

/** Return whether a part of a slot is estimated. */
export function isEstimated({ quality }: Pick<Energy, 'quality'>): boolean {
  return quality.estimated > 0;
}

/** Return the figures of slots of one kind. */
export function figuresOf<E extends Energy>(slots: readonly E[]): Figures<E> {
  const known = slots.filter(({ kwh }) => kwh !== null);
  const measured = known.flatMap((slot) => measuredPart(slot) ?? []);
  const sum = sumKnown(measured.map(({ kwh }) => kwh));
  return {
    total: sumKnown(known.map(({ kwh }) => kwh)),
    average: sum === null ? null : roundKwh(sum / measured.length),
    highest: first(measured, (kwh, best) => kwh > best),
    lowest: first(measured, (kwh, best) => kwh < best),
    known: known.length,
    measured: measured.length,
  };
}

/** Return a slot with its measured energy alone; null if no quarter of it is measured. */
function measuredPart<E extends Energy>(slot: E): E | null {
  if (slot.kwh === null || slot.quality.measured === 0) return null;
  return slot.estimated === 0 ? slot : { ...slot, kwh: roundKwh(slot.kwh - slot.estimated) };
}

function first<E extends Energy>(slots: readonly E[], better: (kwh: number, best: number) => boolean): E | null {
  return slots.reduce<E | null>((best, slot) => (best === null || better(slot.kwh ?? 0, best.kwh ?? 0) ? slot : best), null);
}
