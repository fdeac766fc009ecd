// The rows of a period's table, on the page and in files.
import { sumKwh } from '@/lib/energy/kwh';
import type { Slot } from '@/lib/energy/slots';
import type { Layer } from '@/lib/energy/stacking';
import { exact } from '@/lib/labels/format';
import { slotNotes } from '@/lib/labels/period-labels';
import { overLimit } from './readouts';

export type Compared = { name: string; values: readonly (number | null)[] };

export type SlotRow = {
  slot: Slot;
  /** kWh of each device; none where the whole is one device. */
  parts: (number | null)[];
  /** kWh of the slot that it is compared with, and the difference to it. */
  before: number | null;
  difference: number | null;
  notes: string[];
};

type Rows = {
  slots: readonly Slot[];
  layers: readonly Layer[];
  compared: Compared | null;
  /** kWh an hour may have. */
  limit: number | null;
};

/** Return a row for each slot. */
export function slotRows({ slots, layers, compared, limit }: Rows): SlotRow[] {
  const parts = layers.length > 1 ? layers : [];
  return slots.map((slot, index) => {
    const before = compared?.values[index] ?? null;
    return {
      slot,
      parts: parts.map((layer) => layer.slots[index]?.kwh ?? null),
      before,
      difference: slot.kwh === null || before === null ? null : sumKwh([slot.kwh, -before]),
      notes: [...slotNotes(slot), overLimit(slot, limit, exact) ?? []].flat(),
    };
  });
}
