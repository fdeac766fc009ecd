import { memo } from 'react';
import { sumKwh } from '@/lib/energy/kwh';
import type { Slot } from '@/lib/energy/slots';
import type { Layer } from '@/lib/energy/stacking';
import { t } from '@/lib/i18n/messages';
import { aligned, exact } from '@/lib/labels/format';
import { slotNotes, slotTitle } from '@/lib/labels/period-labels';
import { overLimit } from '../model/readouts';
import classes from './table.module.css';

type SlotTableProps = {
  slots: readonly Slot[];
  layers: readonly Layer[];
  compared: { name: string; values: readonly (number | null)[] } | null;
  limit: number | null;
  zone: string;
  caption: string;
  /** For screen readers only. */
  hidden: boolean;
};

/** The chart's numbers as a table. */
export const SlotTable = memo(function SlotTable({ slots, layers, compared, limit, zone, caption, hidden }: SlotTableProps) {
  const parts = layers.length > 1 ? layers : [];
  const kind = slots[0]?.kind ?? 'hour';
  const readings = kind === 'hour' && parts.length === 0;
  const notes = (slot: Slot) => [...slotNotes(slot), overLimit(slot, limit, exact) ?? []].flat().join(', ');
  return (
    <div className={hidden ? classes.hidden : classes.wide} {...(hidden ? {} : { tabIndex: 0, role: 'region', 'aria-label': caption })}>
      <table className={classes.table} data-testid={kind === 'hour' ? 'hour-table' : 'slot-table'}>
        <caption className={classes.hidden}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t.use.slot[kind]}</th>
            <th scope="col">
              {t.hours.use} ({t.summary.kwh})
            </th>
            {readings ? <th scope="col">{t.hours.readings}</th> : null}
            {parts.map((layer) => (
              <th scope="col" key={layer.id}>
                {layer.name}
              </th>
            ))}
            {compared === null ? null : <th scope="col">{compared.name}</th>}
            {compared === null ? null : <th scope="col">{t.compare.difference}</th>}
            <th scope="col">{t.hours.note}</th>
          </tr>
        </thead>
        <tbody>
          {slots.map((slot, index) => {
            const then = compared?.values[index] ?? null;
            return (
              <tr key={slot.start}>
                <th scope="row" data-plain={slot.repeat === null || undefined}>
                  {slotTitle(slot, zone)}
                </th>
                <td>{aligned(slot.kwh)}</td>
                {readings ? <td>{slot.readingCount === 0 ? t.none : slot.readingCount}</td> : null}
                {parts.map((layer) => (
                  <td key={layer.id}>{aligned(layer.slots[index]?.kwh ?? null)}</td>
                ))}
                {compared === null ? null : <td>{aligned(then)}</td>}
                {compared === null ? null : (
                  <td>{aligned(slot.kwh === null || then === null ? null : sumKwh([slot.kwh, -then]))}</td>
                )}
                <td>{notes(slot)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
});
