// What a period of one or several devices says: slots, sums, averages, comparison, shares. Pure functions.
import type { SeriesPoint } from '@/lib/transport/api-types';
import { MS_PER_HOUR, type Day } from './days';
import { sumKwh } from './energy-day';
import type { SlotSpan } from './periods';

/**
 * measured: over and complete. partial: over, with hours that are missing. open: the clock is in it.
 * missing: over, without any reading. unmetered: before the device's first reading, so nothing is missing.
 * ahead: not begun.
 */
export type SlotState = 'measured' | 'partial' | 'open' | 'missing' | 'unmetered' | 'ahead';

export type Slot = {
  start: number;
  end: number;
  /** The local day it begins on. */
  day: Day;
  kwh: number | null;
  hoursWithData: number;
  /** Hours of it that are over, since the device's first reading. */
  hoursOver: number;
  /** Hours whose energy one hour of it holds, because the meter was silent before; null: none does. */
  covers: number | null;
  state: SlotState;
};

/** `first`: when the device's first hour with readings began. */
export function slotsOf(spans: readonly SlotSpan[], points: readonly SeriesPoint[], now: number, first = -Infinity): Slot[] {
  const byStart = new Map(points.map((point) => [Date.parse(point.start), point]));
  return spans.map((span) => {
    const point = byStart.get(span.start);
    const kwh = point?.total_consumption ?? null;
    const hoursWithData = point?.hours_with_data ?? 0;
    const begin = Math.max(span.start, first);
    const hoursOver = Math.floor(Math.max(0, Math.min(now, span.end) - begin) / MS_PER_HOUR);
    const covers = point?.covers_hours ?? null;
    return { ...span, kwh, hoursWithData, hoursOver, covers, state: stateOf(span, kwh, hoursWithData, hoursOver, now, first) };
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

/** Hours that are over and have no reading. */
export function hoursMissing(slot: Slot): number {
  return slot.state === 'ahead' ? 0 : Math.max(0, slot.hoursOver - slot.hoursWithData);
}

/** Length of a slot in hours: 23, 24 or 25 for a day. */
export function hoursLong(slot: Slot): number {
  return (slot.end - slot.start) / MS_PER_HOUR;
}

/** Several devices as one: sums of what is known; as complete as the least complete of them. */
export function together(series: readonly (readonly Slot[])[]): Slot[] {
  const [first = []] = series;
  return first.map((slot, index) => {
    const all = series.flatMap((slots) => slots[index] ?? []);
    const known = all.flatMap(({ kwh }) => (kwh === null ? [] : [kwh]));
    const { hoursOver, hoursWithData } = all.reduce((worst, one) => (hoursMissing(one) > hoursMissing(worst) ? one : worst), slot);
    const incomplete = all.some(({ state }) => state !== 'measured');
    const kwh = known.length === 0 ? null : sumKwh(known);
    const metered = all.find(({ state }) => state !== 'unmetered') ?? slot;
    const state = kwh !== null && slot.state !== 'open' ? (incomplete ? 'partial' : 'measured') : metered.state;
    const { start, end, day } = slot;
    return { start, end, day, hoursOver, kwh, hoursWithData, covers: null, state };
  });
}

export function total(slots: readonly Slot[]): number | null {
  const known = slots.flatMap(({ kwh }) => (kwh === null ? [] : [kwh]));
  return known.length === 0 ? null : sumKwh(known);
}

/** kWh of a whole slot on average, over slots that are over and complete; null when there is none. */
export function average(slots: readonly Slot[]): { kwh: number; of: number } | null {
  const whole = slots.filter(({ state }) => state === 'measured');
  const sum = total(whole);
  return sum === null ? null : { kwh: Math.round((sum / whole.length) * 1e6) / 1e6, of: whole.length };
}

export function highest(slots: readonly Slot[]): Slot | null {
  return slots.reduce<Slot | null>(
    (best, slot) => (slot.kwh !== null && (best === null || slot.kwh > (best.kwh ?? 0)) ? slot : best),
    null,
  );
}

export type Missing = { slots: number; hours: number };

/** Whole slots without data, and single hours missing from the others. */
export function missingOf(slots: readonly Slot[]): Missing {
  const whole = slots.filter(({ state }) => state === 'missing').length;
  const hours = slots.reduce((sum, slot) => sum + (slot.state === 'missing' ? 0 : hoursMissing(slot)), 0);
  return { slots: whole, hours };
}

/** Neighbouring slots of a state as runs of indexes, both ends included. */
export function runsOf(slots: readonly { state: SlotState }[], wanted: SlotState): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  slots.forEach(({ state }, index) => {
    if (state !== wanted) return;
    const last = runs.at(-1);
    if (last !== undefined && last.to === index - 1) last.to = index;
    else runs.push({ from: index, to: index });
  });
  return runs;
}

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

/** What is compared: hours of a day as well as slots of a period. */
export type Comparable = Pick<Slot, 'kwh' | 'state'>;

/** Like for like: only slots that are over and complete on both sides. Null when there is none. */
export function comparison(slots: readonly Comparable[], other: readonly Comparable[]): Comparison | null {
  const pairs = slots.flatMap((slot, index) => {
    const then = other[index];
    return slot.state === 'measured' && then?.state === 'measured' ? [[slot.kwh ?? 0, then.kwh ?? 0] as const] : [];
  });
  if (pairs.length === 0) return null;
  const now = sumKwh(pairs.map(([kwh]) => kwh));
  const before = sumKwh(pairs.map(([, kwh]) => kwh));
  const difference = sumKwh([now, -before]);
  return { difference, now, before, share: before > 0 ? difference / before : null, slots: pairs.length };
}

export type RunningPoint = {
  /** Slots since the first began; a part of one where the clock is in it. */
  elapsed: number;
  total: number | null;
};

/**
 * The use added up, at each slot's end, or now. Across missing slots the line is cut (null): how the
 * total grew there is not known. It stops at the last slot with readings.
 */
export function runningTotal(slots: readonly (Comparable & Pick<Slot, 'start' | 'end'>)[], now: number): RunningPoint[] {
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

/** Running total at the end of each slot; null where the slot is not known. */
export function totalsAtEnds(slots: readonly { kwh: number | null }[]): (number | null)[] {
  let sum = 0;
  return slots.map(({ kwh }) => {
    if (kwh === null) return null;
    sum = sumKwh([sum, kwh]);
    return sum;
  });
}

export type Ranked<T> = { item: T; kwh: number | null; share: number };

/** From most to least, with shares of the whole; what is not known comes last. */
export function ranking<T extends { kwh: number | null }>(items: readonly T[]): Ranked<T>[] {
  const whole = sumKwh(items.map(({ kwh }) => kwh ?? 0));
  return items
    .map((item) => ({ item, kwh: item.kwh, share: whole > 0 ? (item.kwh ?? 0) / whole : 0 }))
    .toSorted((a, b) => (b.kwh ?? -1) - (a.kwh ?? -1));
}
