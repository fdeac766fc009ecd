// The shown period as a table for a file, and as a picture.
import type { ChartImage } from '@/lib/charts/chart-image';
import { limitInSight } from '@/lib/charts/chart-scale';
import { hoursLong, runsOf, total, type Slot } from '@/lib/energy/slots';
import type { Layer } from '@/lib/energy/stacking';
import type { Field } from '@/lib/files/csv';
import { t } from '@/lib/i18n/messages';
import { exact, figure } from '@/lib/labels/format';
import { slotTicks } from '@/lib/labels/period-labels';
import { periodReadout, type Subject } from './readouts';

export type Exported = Subject & {
  /** Of the device, or of all. */
  name: string;
  title: string;
  slots: readonly Slot[];
  layers: readonly Layer[];
  /** The period has several devices, of which some may be switched off. */
  several: boolean;
  compared: { name: string; values: readonly (number | null)[] } | null;
};

/** Return the rows of the table, the heads first. */
export function rowsOf({ period, single, slots, layers, several, compared }: Exported): Field[][] {
  const c = t.exports.columns;
  const parts = several ? layers : [];
  // An hour of one device either has data or has none.
  const counts = !(single && period === 'day');
  return [
    [
      c.start,
      c.end,
      c.kwh,
      ...(counts ? [c.hours, c.expected] : []),
      ...parts.map(({ name }) => name),
      ...(compared === null ? [] : [`${c.compared} ${compared.name}`]),
    ],
    ...slots.map((slot, index) => [
      new Date(slot.start).toISOString(),
      new Date(slot.end).toISOString(),
      slot.kwh,
      ...(counts ? [slot.hoursWithData, hoursLong(slot)] : []),
      ...parts.map((layer) => layer.slots[index]?.kwh ?? null),
      ...(compared === null ? [] : [compared.values[index] ?? null]),
    ]),
  ];
}

/** Return the description of the picture. */
export function imageOf(exported: Exported): ChartImage {
  const { name, title, slots, layers, compared, period, zone, limit } = exported;
  const top = Math.max(0, ...slots.map(({ kwh }) => kwh ?? 0));
  return {
    title: `${name}, ${title}`,
    subtitle: [`${t.summary.total} ${figure(total(slots))} ${t.summary.kwh}`, ...periodReadout(slots, null, exported)].join(' · '),
    unit: t.summary.kwh,
    layers: layers.map((layer) => ({ name: layer.name, colour: layer.colour, values: layer.slots.map(({ kwh }) => kwh) })),
    compared,
    ticks: slotTicks(slots, period, zone, false),
    missing: runsOf(slots, 'missing'),
    unfinished: slots.map(({ state }) => state === 'partial' || state === 'open'),
    limit: limit === null || !limitInSight(limit, top) ? null : { kwh: limit, name: t.hours.limit(exact(limit)) },
    slots: slots.length,
  };
}
