// The lines above the charts and in their tooltips, as parts: the first names the subject, the rest its figures.
import { limitInSight } from '@/lib/charts/chart-scale';
import { comparison, type Comparable } from '@/lib/energy/comparison';
import { sumKwh } from '@/lib/energy/kwh';
import { quarterPower } from '@/lib/energy/power';
import type { Period, Resolution } from '@/lib/energy/periods';
import { coverageOf, measuredKwh, missingOf, periodFigures, total, type Slot } from '@/lib/energy/slots';
import { t } from '@/lib/i18n/messages';
import { count, exact, figure, percent, powerText } from '@/lib/labels/format';
import { beginOf, slotName, slotNotes, slotTitle, untilEndOf } from '@/lib/labels/period-labels';

/** Share of the compared energy below which a difference is not worth naming. */
const SAME_WITHIN = 0.01;

const isAlike = (kwh: number, then: number) => then > 0 && Math.abs(kwh) < then * SAME_WITHIN;

/** "−0.30": with the sign in which numbers are written, not a hyphen. */
const signed = (kwh: number) => (kwh < 0 ? `−${figure(-kwh)}` : figure(kwh));

/** Return a difference in words. `short`: without the share. */
export function difference(kwh: number, then: number, short = false): string {
  const size = figure(Math.abs(kwh));
  if (isAlike(kwh, then)) return t.compare.alike(signed(kwh));
  if (then <= 0 || short) return kwh < 0 ? t.compare.lessOnly(size) : t.compare.moreOnly(size);
  const part = percent(Math.abs(kwh) / then);
  return kwh < 0 ? t.compare.less(size, part) : t.compare.more(size, part);
}

function differenceTo(kwh: number, before: number, name: string, short: boolean): string {
  if (isAlike(kwh, before)) return t.compare.alikeAs(name, signed(kwh));
  return `${difference(kwh, before, short)} ${t.compare.than(name)}`;
}

export type Compared<S extends Comparable = Comparable> = { name: string; slots: readonly S[] };

/** Compare like for like: "12 kWh less (8 %) than October 2026", "over the same 20 days". */
export function comparisonParts(slots: readonly Comparable[], other: Compared, kind: Resolution, short = false): string[] {
  const result = comparison(slots, other.slots);
  if (result === null) return short ? [] : [t.compare.nothing(other.name)];
  const same = t.compare.same[kind](result.slots);
  return [differenceTo(result.difference, result.before, other.name, short), same];
}

export type Subject = {
  period: Period;
  /** The kind of its slots. */
  kind: Resolution;
  /** Quarters are shown as their power first. */
  inPower: boolean;
  zone: string;
  /** The slots are those of one device. */
  single: boolean;
  /** kWh an hour may have; null where none is drawn. */
  limit: number | null;
};

/** Return the figures of the whole period, for the line above the bars. `short`: without those of the cards. */
export function periodReadout(slots: readonly Slot[], { kind, zone, single, limit }: Subject, short = false): string[] {
  const parts: string[] = [];
  const { average, highest } = periodFigures(slots, single);
  if (average !== null && !short) parts.push(t.use.onAverage[kind](figure(average)));
  if (highest !== null && !short) parts.push(t.use.highestOf[kind](figure(highest.kwh), slotName(highest, zone)));
  parts.push(...missingParts(slots, kind), ...estimatedParts(slots));
  const top = Math.max(0, ...slots.map(({ kwh }) => kwh ?? 0));
  if (limit !== null && top > 0 && !limitInSight(limit, top)) parts.push(t.hours.limitAbove(exact(limit)));
  return parts;
}

/** Return how many slots have no data, and how many hours the others lack; nothing where all is there. */
export function missingParts(slots: readonly Slot[], kind: Resolution): string[] {
  const missing = missingOf(slots);
  return missing.slots + missing.hours === 0 ? [] : [t.use.without[kind](missing.hours, missing.slots)];
}

/** Return how much energy is estimated in its slots; nothing where all is measured. */
function estimatedParts(slots: readonly Slot[]): string[] {
  const kwh = sumKwh(slots.map(({ estimated }) => estimated));
  return kwh === 0 ? [] : [t.use.estimated(figure(kwh))];
}

/** Return "80 of 96 quarter-hours measured", of the devices together; nothing where all that are over are measured. */
export function coverageParts(devices: readonly (readonly Slot[])[]): string[] {
  const { measured, quarters } = coverageOf(devices);
  return measured >= quarters ? [] : [t.use.coverage(count(measured), quarters)];
}

/** Return "0.25 over the limit"; null for a slot whose measured energy is within it: what is estimated exceeds none. */
export function overLimit(slot: Slot, limit: number | null, write: (kwh: number) => string): string | null {
  const kwh = measuredKwh(slot);
  return limit !== null && kwh !== null && kwh > limit ? t.hours.overLimit(write(sumKwh([kwh, -limit]))) : null;
}

/** Return the figures of one slot, beside the slot `then` that it is compared with. */
export function slotReadout(slot: Slot, then: { kwh: number | null; name: string } | null, { zone, single, limit, inPower }: Subject): string[] {
  const parts = [slotTitle(slot, zone)];
  if (slot.kwh !== null) {
    const energy = `${figure(slot.kwh)} ${t.summary.kwh}`;
    const average = slot.kind === 'quarter' ? [powerText(quarterPower(slot.kwh))] : [];
    parts.push(...(inPower ? [...average, energy] : [energy, ...average]));
  }
  parts.push(...slotNotes(slot));
  const over = overLimit(slot, limit, figure);
  if (over !== null) parts.push(over);
  if (single && slot.kind === 'hour' && slot.readingCount > 0) parts.push(t.hours.readingCount(slot.readingCount));
  if (then?.kwh != null) {
    parts.push(t.compare.value(figure(then.kwh), then.name));
    if (slot.state === 'measured') parts.push(difference(sumKwh([slot.kwh ?? 0, -then.kwh]), then.kwh));
  }
  return parts;
}

/**
 * Return the totals at which both lines end, and how they compare: "630 kWh", "October 2026: 513 kWh", "23% more", "over the
 * same 29 days". Where a line has more than the slots that both have: "445 kWh", "February 2026: 413 kWh", "over the same 26 days
 * 389 and 384 kWh, 1% more". `named`: a comparison was asked for, and is named even if there is none.
 */
export function totalsReadout(slots: readonly Slot[], other: Compared | null, kind: Resolution, named: boolean): string[] {
  const own = `${figure(total(slots))} ${t.summary.kwh}`;
  const result = other === null ? null : comparison(slots, other.slots);
  if (other === null || result === null) return [own, ...(named && other !== null ? [t.compare.nothing(other.name)] : [])];
  const { now, before, difference: kwh } = result;
  const otherTotal = total(other.slots);
  const part = isAlike(kwh, before) || before <= 0 ? [] : [kwh < 0 ? t.adds.less(percent(-kwh / before)) : t.adds.more(percent(kwh / before))];
  const same = t.compare.same[kind](result.slots);
  const whole = now === total(slots) && before === otherTotal;
  const compared = whole ? [...part, same] : [[t.adds.sameOf(same, figure(now), figure(before)), ...part].join(', ')];
  return [own, t.adds.other(figure(otherTotal), other.name), ...compared];
}

/** Return the name of a running total, with its begin where that is later than the period's: it starts from zero there. */
export function lineName(name: string, slots: readonly Slot[], zone: string): string {
  const first = slots.findIndex(({ kwh }) => kwh !== null);
  const slot = slots[first];
  return slot === undefined || first === 0 ? name : t.adds.from(name, beginOf(slot, zone));
}

/** Return how far the period has come at the end of a slot, beside the period that it is compared with. */
export function runningReadout(slots: readonly Slot[], other: Compared<Slot> | null, index: number, zone: string): string[] {
  const slot = slots[index];
  if (slot === undefined) return [];
  const parts = [untilEndOf(slot, zone)];
  const own = total(slots.slice(0, index + 1));
  if (own !== null && slot.state !== 'ahead') parts.push(`${figure(own)} ${t.summary.kwh}`);
  const then = other === null ? null : total(other.slots.slice(0, index + 1));
  if (other !== null && then !== null) parts.push(t.adds.other(figure(then), other.name));
  return parts;
}
