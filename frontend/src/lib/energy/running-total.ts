// How the energy of a period adds up, slot by slot.
import { sumKwh } from './kwh';
import type { Slot } from './slots';

export type RunningPoint = {
  /** Slots since the first began; a part of one where the clock is in it. */
  elapsed: number;
  total: number | null;
};

/**
 * Return the total at each slot's end, or now. Across missing slots the line is cut (null): how the total grew there
 * is not known. It stops at the last slot with readings.
 */
export function runningTotal(slots: readonly Pick<Slot, 'kwh' | 'state' | 'start' | 'end'>[], now: number): RunningPoint[] {
  const last = slots.findLastIndex(({ kwh }) => kwh !== null);
  const points: RunningPoint[] = [];
  let sum = 0;
  let cut = true;
  slots.slice(0, last + 1).forEach(({ kwh, state, start, end }, index) => {
    if (kwh === null) {
      if (!cut) points.push({ elapsed: index + 0.001, total: null });
      cut = true;
      return;
    }
    if (cut) points.push({ elapsed: index, total: sum });
    sum = sumKwh([sum, kwh]);
    points.push({ elapsed: index + (state === 'open' ? (now - start) / (end - start) : 1), total: sum });
    cut = false;
  });
  return points;
}

/** Return the running total at the end of each slot; null where the slot is not known. */
export function totalsAtEnds(slots: readonly { kwh: number | null }[]): (number | null)[] {
  let sum = 0;
  return slots.map(({ kwh }) => {
    if (kwh === null) return null;
    sum = sumKwh([sum, kwh]);
    return sum;
  });
}
