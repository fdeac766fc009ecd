import { sumKwh } from '@/lib/energy/energy-day';
import { aligned } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { slotName, slotNotes } from '@/lib/labels/period-labels';
import { RESOLUTION, type Period } from '@/lib/energy/periods';
import type { Slot } from '@/lib/energy/series';
import type { Layer } from '@/lib/energy/stacking';
import classes from './hour-table.module.css';

type SlotTableProps = {
  slots: readonly Slot[];
  layers: readonly Layer[];
  ghost: { name: string; values: readonly (number | null)[] } | null;
  period: Period;
  zone: string;
  caption: string;
  /** For screen readers only. */
  hidden: boolean;
};

/** The chart's numbers as a table. */
export function SlotTable({ slots, layers, ghost, period, zone, caption, hidden }: SlotTableProps) {
  const parts = layers.length > 1 ? layers : [];
  return (
    <div className={hidden ? classes.hidden : classes.wide} {...(hidden ? {} : { tabIndex: 0, role: 'region', 'aria-label': caption })}>
      <table className={classes.table} data-testid="slot-table">
        <caption className={classes.hidden}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t.use.slot[RESOLUTION[period]]}</th>
            <th scope="col">
              {t.hours.use} ({t.summary.kwh})
            </th>
            {parts.map((layer) => (
              <th scope="col" key={layer.id}>
                {layer.name}
              </th>
            ))}
            {ghost === null ? null : <th scope="col">{ghost.name}</th>}
            {ghost === null ? null : <th scope="col">{t.compare.difference}</th>}
            <th scope="col">{t.hours.note}</th>
          </tr>
        </thead>
        <tbody>
          {slots.map((slot, index) => {
            const then = ghost?.values[index] ?? null;
            return (
              <tr key={slot.start}>
                <th scope="row" data-plain>
                  {slotName(slot, period, zone)}
                </th>
                <td>{aligned(slot.kwh)}</td>
                {parts.map((layer) => (
                  <td key={layer.id}>{aligned(layer.slots[index]?.kwh ?? null)}</td>
                ))}
                {ghost === null ? null : <td>{aligned(then)}</td>}
                {ghost === null ? null : (
                  <td>{aligned(slot.kwh === null || then === null ? null : sumKwh([slot.kwh, -then]))}</td>
                )}
                <td>{slotNotes(slot, period).join(', ')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
