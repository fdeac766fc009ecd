import { memo } from 'react';
import type { Slot } from '@/lib/energy/slots';
import type { Layer } from '@/lib/energy/stacking';
import { t } from '@/lib/i18n/messages';
import { aligned } from '@/lib/labels/format';
import { slotTitle } from '@/lib/labels/period-labels';
import { slotRows, type Compared } from '../model/slot-rows';
import classes from './table.module.css';

type SlotTableProps = {
  slots: readonly Slot[];
  layers: readonly Layer[];
  compared: Compared | null;
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
          {slotRows({ slots, layers, compared, limit }).map(({ slot, parts: kwhs, before, difference, notes }) => (
            <tr key={slot.start}>
              <th scope="row" data-plain={slot.repeat === null || undefined}>
                {slotTitle(slot, zone)}
              </th>
              <td>{aligned(slot.kwh)}</td>
              {readings ? <td>{slot.readingCount === 0 ? t.none : slot.readingCount}</td> : null}
              {parts.map((layer, at) => (
                <td key={layer.id}>{aligned(kwhs[at] ?? null)}</td>
              ))}
              {compared === null ? null : <td>{aligned(before)}</td>}
              {compared === null ? null : <td>{aligned(difference)}</td>}
              <td>{notes.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});
