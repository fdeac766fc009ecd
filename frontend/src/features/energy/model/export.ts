// The shown period as tables for files, and as a picture.
import type { ChartImage } from '@/lib/charts/chart-image';
import { limitInSight } from '@/lib/charts/chart-scale';
import { addDays, type Day } from '@/lib/energy/days';
import { dayAfter, firstDay } from '@/lib/energy/periods';
import { quarterPower } from '@/lib/energy/power';
import { runsOf, total, type Slot } from '@/lib/energy/slots';
import { rankedDevices, type DeviceSlots, type Layer } from '@/lib/energy/stacking';
import { fileName } from '@/lib/files/csv';
import type { Column, Table, Value } from '@/lib/files/table';
import { exportWords } from '@/lib/i18n/exports';
import { t } from '@/lib/i18n/messages';
import { exact, figure } from '@/lib/labels/format';
import { slotTicks } from '@/lib/labels/period-labels';
import type { MonitoredDevice, Reading } from '@/lib/transport/api-types';
import { periodReadout, type Subject } from './readouts';
import { slotRows, type Compared, type SlotRow } from './slot-rows';

export type Exported = Subject & {
  /** Of the device, or of all. */
  name: string;
  /** Id of the single device; null: all of them. */
  deviceId: string | null;
  title: string;
  slots: readonly Slot[];
  layers: readonly Layer[];
  compared: Compared | null;
};

/** `date`: a day of the period. */
export type PeriodExport = Exported & { date: Day };

const c = exportWords.columns;

/** The columns with which the rows of slots begin: when, and of what. */
const slotColumns = (zone: string): Column[] => [
  { head: c.startLocal(zone), kind: 'local' },
  { head: c.endLocal(zone), kind: 'local' },
  { head: c.startUtc, kind: 'utc' },
  { head: c.endUtc, kind: 'utc' },
  ...deviceColumns(),
];

const deviceColumns = (): Column[] => [
  { head: c.device, kind: 'text' },
  { head: c.deviceId, kind: 'text' },
];

const energyColumns = (): Column[] => [
  { head: c.energy, kind: 'kwh' },
  { head: c.unit, kind: 'text' },
];

const qualityColumns = (): Column[] => [
  { head: c.quality, kind: 'text' },
  { head: c.readings, kind: 'count' },
  { head: c.hours, kind: 'count' },
  { head: c.expected, kind: 'count' },
  { head: c.estimated, kind: 'kwh' },
  { head: c.quarters.measured, kind: 'count' },
  { head: c.quarters.estimated, kind: 'count' },
  { head: c.quarters.missing, kind: 'count' },
];

/** Return the cells of one slot of a device, or of all of them, whose id is null. */
function cellsOf({ slot, notes }: SlotRow, name: string, id: string | null): Value[] {
  const { start, end, kwh, readingCount, hoursWithData, hoursExpected, quality } = slot;
  const words = notes.length === 0 ? exportWords.measured : notes.join(', ');
  const estimated = kwh === null ? null : slot.estimated;
  const energy = [start, end, start, end, name, id, kwh, t.summary.kwh];
  // Readings and hours are counted by hour.
  const counts = slot.kind === 'quarter' ? [null, null, null] : [readingCount, hoursWithData, hoursExpected];
  return [...energy, words, ...counts, estimated, quality.measured, quality.estimated, quality.missing];
}

/** Return the table that the page shows, with a column for each device of several. */
export function shownTable({ zone, name, deviceId, slots, layers, compared, limit, kind }: Exported): Table {
  const parts = layers.length > 1 ? layers : [];
  const power = kind === 'quarter';
  return {
    name: exportWords.sheets.shown,
    zone,
    columns: [
      ...slotColumns(zone),
      ...energyColumns(),
      ...qualityColumns(),
      ...(power ? [{ head: c.power, kind: 'kwh' } as const] : []),
      ...parts.map((layer): Column => ({ head: c.energyOf(layer.name), kind: 'kwh' })),
      ...(compared === null ? [] : comparisonColumns(compared.name)),
    ],
    rows: slotRows({ slots, layers, compared, limit }).map((row) =>
      cellsOf(row, name, deviceId).concat(power ? [row.slot.kwh === null ? null : quarterPower(row.slot.kwh)] : [], row.parts, compared === null ? [] : [row.before, row.difference]),
    ),
  };
}

const comparisonColumns = (name: string): Column[] => [
  { head: c.compared(name), kind: 'kwh' },
  { head: c.difference(name), kind: 'kwh' },
];

const devicesOf = (layers: readonly Layer[]): DeviceSlots[] => layers.flatMap(({ devices }) => devices);

/** Return a row for each device and slot. */
export function devicesTable({ zone, layers }: Exported): Table {
  return {
    name: exportWords.sheets.devices,
    zone,
    columns: [...slotColumns(zone), ...energyColumns(), ...qualityColumns()],
    rows: devicesOf(layers).flatMap(({ id, name, slots }) =>
      slotRows({ slots, layers: [], compared: null, limit: null }).map((row) => cellsOf(row, name, id)),
    ),
  };
}

/** Return the devices from most to least, with their shares. */
export function rankingTable(layers: readonly Layer[], zone: string): Table {
  return {
    name: exportWords.sheets.ranking,
    zone,
    columns: [...deviceColumns(), ...energyColumns(), { head: c.share, kind: 'share' }],
    rows: rankedDevices(layers).map(({ item, kwh, share }) => [item.name, item.id, kwh, t.summary.kwh, kwh === null ? null : share]),
  };
}

/** Return the readings of an hour. */
export function readingsTable(device: MonitoredDevice, readings: readonly Reading[], zone: string): Table {
  return {
    name: exportWords.sheets.readings,
    zone,
    columns: [
      { head: c.startLocal(zone), kind: 'local' },
      { head: c.startUtc, kind: 'utc' },
      ...deviceColumns(),
      { head: c.reading, kind: 'kwh' },
      { head: c.unit, kind: 'text' },
      { head: c.correction, kind: 'count' },
    ],
    rows: readings.map(({ timestamp, measurement_value: kwh, revision }) => {
      const at = Date.parse(timestamp);
      return [at, at, device.name, device.device_id, kwh, t.summary.kwh, revision];
    }),
  };
}

/** Return the name of the files of a period: "flat-12_2026-11-01_2026-11-30". */
export function periodFile({ name, period, date }: Pick<PeriodExport, 'name' | 'period' | 'date'>): string {
  const [first, last] = [firstDay(period, date), addDays(dayAfter(period, date), -1)];
  return first === last ? fileName(name, first) : fileName(name, first, last);
}

/** Return the description of the picture. */
export function imageOf(exported: Exported): ChartImage {
  const { name, title, slots, layers, period, zone, limit, inPower } = exported;
  const onAxis = (kwh: number) => (inPower ? quarterPower(kwh) : kwh);
  const onAxisOrNot = (kwh: number | null) => (kwh === null ? null : onAxis(kwh));
  const compared = exported.compared && { ...exported.compared, values: exported.compared.values.map(onAxisOrNot) };
  const top = Math.max(0, ...slots.map(({ kwh }) => kwh ?? 0));
  return {
    title: `${name}, ${title}`,
    subtitle: [`${t.summary.total} ${figure(total(slots))} ${t.summary.kwh}`, ...periodReadout(slots, exported)].join(' · '),
    unit: inPower ? t.summary.kw : t.summary.kwh,
    layers: layers.map((layer) => ({
      name: layer.name,
      colour: layer.colour,
      values: layer.slots.map(({ kwh }) => onAxisOrNot(kwh)),
      estimated: layer.slots.map(({ estimated }) => onAxis(estimated)),
    })),
    compared,
    ticks: slotTicks(slots, period, zone, false),
    missing: runsOf(slots, 'missing'),
    unfinished: slots.map(({ state }) => state === 'partial' || state === 'open'),
    limit: limit === null || !limitInSight(limit, top) ? null : { kwh: limit, name: t.hours.limit(exact(limit)) },
    slots: slots.length,
  };
}
