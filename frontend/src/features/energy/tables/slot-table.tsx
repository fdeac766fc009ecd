import { UnstyledButton } from '@mantine/core';
import { memo } from 'react';
import { sumKnown } from '@/lib/energy/kwh';
import { quarterPower } from '@/lib/energy/power';
import { total, type Slot } from '@/lib/energy/slots';
import type { Layer } from '@/lib/energy/stacking';
import { t } from '@/lib/i18n/messages';
import { columnOf, percent, powerText } from '@/lib/labels/format';
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
  /** Opens the slot of a row, as its bar does. */
  onOpen?: ((index: number) => void) | undefined;
};

/** The chart's numbers as a table: a row a slot, and their sums. */
export const SlotTable = memo(function SlotTable(props: SlotTableProps) {
  const { slots, layers, compared, limit, zone, caption, hidden, onOpen } = props;
  const parts = layers.length > 1 ? layers : [];
  const kind = slots[0]?.kind ?? 'hour';
  const readings = kind === 'hour' && parts.length === 0;
  const power = kind === 'quarter';
  const rows = slotRows({ slots, layers, compared, limit });
  // One number of decimals for all columns: a reader subtracts one from another.
  const use = columnOf(rows.flatMap(({ slot, before }) => [slot.kwh, before]));
  const noted = rows.some(({ notes }) => notes.length > 0);
  const differences = rows.filter((row) => row.difference !== null);
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
            {power ? <th scope="col">{t.use.averagePower}</th> : null}
            {readings ? <th scope="col">{t.hours.readings}</th> : null}
            {parts.map((layer) => (
              <th scope="col" key={layer.id}>
                {layer.name}
              </th>
            ))}
            {compared === null ? null : (
              <>
                <th scope="col">{compared.name}</th>
                <th scope="col">{t.compare.difference}</th>
                <th scope="col">%</th>
              </>
            )}
            {noted ? (
              <th scope="col" data-note>
                {t.hours.note}
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={row.slot.start}>
              <th scope="row" data-plain={row.slot.repeat === null || undefined}>
                {onOpen === undefined || row.slot.kwh === null ? (
                  slotTitle(row.slot, zone)
                ) : (
                  <UnstyledButton className={classes.open} onClick={() => onOpen(index)}>
                    {slotTitle(row.slot, zone)}
                  </UnstyledButton>
                )}
              </th>
              <td>{use(row.slot.kwh)}</td>
              {power ? <td>{row.slot.kwh === null ? t.none : powerText(quarterPower(row.slot.kwh))}</td> : null}
              {readings ? <td>{row.slot.readingCount === 0 ? t.none : row.slot.readingCount}</td> : null}
              {parts.map((layer, at) => (
                <td key={layer.id}>{use(row.parts[at] ?? null)}</td>
              ))}
              {compared === null ? null : (
                <>
                  <td>{use(row.before)}</td>
                  <td>{use(row.difference)}</td>
                  <td>{share(row.difference, row.before)}</td>
                </>
              )}
              {noted ? <td data-note>{row.notes.join(', ')}</td> : null}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t.summary.total}</th>
            <td>{use(total(slots))}</td>
            {power ? <td>{''}</td> : null}
            {readings ? <td>{slots.reduce((sum, slot) => sum + slot.readingCount, 0)}</td> : null}
            {parts.map((layer) => (
              <td key={layer.id}>{use(total(layer.slots))}</td>
            ))}
            {compared === null ? null : (
              <>
                <td>{use(sumKnown(rows.map((row) => row.before)))}</td>
                <td>{use(sumKnown(differences.map((row) => row.difference)))}</td>
                <td>{share(sumKnown(differences.map((row) => row.difference)), sumKnown(differences.map((row) => row.before)))}</td>
              </>
            )}
            {noted ? <td>{''}</td> : null}
          </tr>
        </tfoot>
      </table>
    </div>
  );
});

function share(difference: number | null, before: number | null): string {
  if (difference === null || before === null || before <= 0) return t.none;
  const part = difference / before;
  // Not "−0%".
  return percent(Math.abs(part) < 0.005 ? 0 : part);
}
