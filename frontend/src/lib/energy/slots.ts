// The slots of a period: hours of a day, days of a week or month, months of a year, years. Pure functions; nothing
// here knows React or the network.
import type { SeriesPoint } from '@/lib/transport/api-types';
import { MS_PER_HOUR, MS_PER_QUARTER } from './days';
import { figuresOf, type Energy, type Figures, type Quality } from './figures';
import { sumKnown, sumKwh } from './kwh';
import { isOfClock, type SlotSpan } from './periods';

/**
 * measured: over and complete. partial: over, with hours missing. open: the clock is in it. missing: over, without
 * any reading. unmetered: before the device's first reading, so nothing is missing. ahead: not begun.
 */
export type SlotState = 'measured' | 'partial' | 'open' | 'missing' | 'unmetered' | 'ahead';

export type Slot = SlotSpan &
  Energy & {
    readingCount: number;
    hoursWithData: number;
    /** Hours of it that are over, since the device's first reading. */
    hoursOver: number;
    /** Quarter-hours of it that are over, since the device's first reading. */
    quartersOver: number;
    state: SlotState;
  };

/**
 * Return the slots of `spans`, each the sum of the points that begin in it; both follow in the order of time.
 * `first`: when the device's first hour with readings began.
 */
export function slotsOf(spans: readonly SlotSpan[], points: readonly SeriesPoint[], now: number, first = -Infinity): Slot[] {
  let next = 0;
  return spans.map((span) => {
    const inside: SeriesPoint[] = [];
    for (let point = points[next]; point !== undefined && Date.parse(point.start) < span.end; point = points[++next]) {
      if (Date.parse(point.start) >= span.start) inside.push(point);
    }
    const count = (of: (point: SeriesPoint) => number) => inside.reduce((sum, point) => sum + of(point), 0);
    const kwh = sumKnown(inside.map((point) => point.total_consumption));
    const hoursWithData = count((point) => point.hours_with_data);
    const begin = Math.max(span.start, first);
    const over = Math.max(0, Math.min(now, span.end) - begin);
    const hoursOver = Math.floor(over / MS_PER_HOUR);
    return {
      ...span,
      kwh,
      readingCount: count((point) => point.measurement_count ?? 0),
      hoursWithData,
      hoursOver,
      quartersOver: Math.floor(over / MS_PER_QUARTER),
      // Where a clock moves by half an hour, an hour of the clock is shorter and still one hour.
      hoursExpected: inside.length > 0 ? count((point) => point.hours_expected) : Math.ceil(hoursLong(span)),
      estimated: sumKwh(inside.map((point) => point.estimated ?? 0)),
      quality: sumQuality(inside.map((point) => point.quality)),
      state: stateOf(span, kwh, hoursWithData, hoursOver, now, first),
    };
  });
}

function stateOf(
  span: SlotSpan,
  kwh: number | null,
  withData: number,
  over: number,
  now: number,
  first: number,
): SlotState {
  if (span.start <= now && now < span.end) return 'open';
  if (kwh === null) return span.start > now ? 'ahead' : span.end <= first ? 'unmetered' : 'missing';
  return withData < over || span.start < first ? 'partial' : 'measured';
}

/** Return how many hours of a slot are over and have no reading. */
export function hoursMissing(slot: Slot): number {
  return slot.state === 'ahead' ? 0 : Math.max(0, slot.hoursOver - slot.hoursWithData);
}

/** Return the length of a slot in hours: 23, 24 or 25 for a day. */
export function hoursLong({ start, end }: { start: number; end: number }): number {
  return (end - start) / MS_PER_HOUR;
}

function sumQuality(parts: readonly Quality[]): Quality {
  const sum = (of: (part: Quality) => number) => parts.reduce((quarters, part) => quarters + of(part), 0);
  return { measured: sum((part) => part.measured), estimated: sum((part) => part.estimated), missing: sum((part) => part.missing) };
}

/** Return several devices as one: sums of the known energy, as complete as the least complete device. */
export function together(series: readonly (readonly Slot[])[]): Slot[] {
  const [first = []] = series;
  return first.map((slot, index) => sumOfSlots(slot, series.flatMap((slots) => slots[index] ?? [])));
}

function sumOfSlots(slot: Slot, all: readonly Slot[]): Slot {
  const kwh = sumKnown(all.map((device) => device.kwh));
  const { hoursOver, hoursWithData } = all.reduce((worst, device) => (hoursMissing(device) > hoursMissing(worst) ? device : worst), slot);
  const incomplete = all.some((device) => device.state !== 'measured');
  const metered = all.find(({ state }) => state !== 'unmetered') ?? slot;
  const state = kwh !== null && slot.state !== 'open' ? (incomplete ? 'partial' : 'measured') : metered.state;
  const readingCount = all.reduce((sum, device) => sum + device.readingCount, 0);
  const estimated = sumKwh(all.map((device) => device.estimated));
  const sum = sumQuality(all.map((device) => device.quality));
  // Where one device is estimated, the measured energy of the others is not that of the sum.
  const quality = sum.estimated > 0 ? { ...sum, measured: 0, estimated: sum.measured + sum.estimated } : sum;
  return { ...slot, hoursOver, hoursWithData, estimated, quality, readingCount, kwh, state };
}

/** Return the total energy in kWh; null if none is known. */
export function total(slots: readonly { kwh: number | null }[]): number | null {
  return sumKnown(slots.map(({ kwh }) => kwh));
}

/**
 * Return the figures of a period. The average is that of slots that are over, complete and not cut by the period's
 * ends; for hours and quarters of a single device it is that of all with readings, which is what the service reports for a day.
 */
export function periodFigures(slots: readonly Slot[], single: boolean): Figures<Slot> & { averaged: number } {
  const averaged = figuresOf(slots.filter((slot) => isAveraged(slot, single)));
  return { ...figuresOf(slots), average: averaged.average, averaged: averaged.measured };
}

function isAveraged({ kind, state, until }: Slot, single: boolean): boolean {
  return isOfClock(kind) && single ? true : state === 'measured' && until === undefined;
}

export type Coverage = { measured: number; quarters: number };

/**
 * Return how many of the quarter-hours that are over are measured, of one device or of several together. A quarter-hour in
 * progress counts when something of it is known.
 */
export function coverageOf(devices: readonly (readonly Slot[])[]): Coverage {
  const slots = devices.flat();
  return {
    measured: slots.reduce((sum, { quality }) => sum + quality.measured, 0),
    quarters: slots.reduce((sum, { quality, quartersOver }) => sum + Math.max(quartersOver, quality.measured + quality.estimated), 0),
  };
}

/** Return the energy of a slot that was measured in it; null if nothing is known. */
export function measuredKwh({ kwh, estimated }: Pick<Slot, 'kwh' | 'estimated'>): number | null {
  return kwh === null ? null : sumKwh([kwh, -estimated]);
}

export type Missing = { slots: number; hours: number };

/** Return the number of slots without data, and of hours missing from the others. */
export function missingOf(slots: readonly Slot[]): Missing {
  const whole = slots.filter(({ state }) => state === 'missing').length;
  const hours = slots.reduce((sum, slot) => sum + (slot.state === 'missing' ? 0 : hoursMissing(slot)), 0);
  return { slots: whole, hours };
}

/** Return neighbouring slots of a state as runs of indexes, both ends included. */
export function runsOf(slots: readonly { state: SlotState }[], state: SlotState): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  slots.forEach((slot, index) => {
    if (slot.state !== state) return;
    const last = runs.at(-1);
    if (last !== undefined && last.to === index - 1) last.to = index;
    else runs.push({ from: index, to: index });
  });
  return runs;
}
