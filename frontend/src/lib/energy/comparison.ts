// Two periods beside each other, like for like.
import { isEstimated, type Energy } from './figures';
import { sumKwh } from './kwh';
import type { SlotState } from './slots';

export type Comparison = {
  /** kWh now less kWh before, over the slots that both have whole. */
  difference: number;
  now: number;
  before: number;
  /** Part of `before`; null where that is zero. */
  share: number | null;
  /** How many slots were compared. */
  slots: number;
};

export type Comparable = Energy & { state: SlotState };

/** Return whether a slot is over, complete, and measured. */
function isWhole(slot: Comparable): boolean {
  return slot.state === 'measured' && !isEstimated(slot);
}

/** Compare the slots that are whole on both sides; null if there is no such pair. */
export function comparison(slots: readonly Comparable[], other: readonly Comparable[]): Comparison | null {
  const pairs = slots.flatMap((slot, index) => {
    const before = other[index];
    return isWhole(slot) && before !== undefined && isWhole(before) ? [[slot.kwh ?? 0, before.kwh ?? 0] as const] : [];
  });
  if (pairs.length === 0) return null;
  const now = sumKwh(pairs.map(([kwh]) => kwh));
  const before = sumKwh(pairs.map(([, kwh]) => kwh));
  const difference = sumKwh([now, -before]);
  return { difference, now, before, share: before > 0 ? difference / before : null, slots: pairs.length };
}
