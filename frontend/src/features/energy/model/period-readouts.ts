// The lines above the charts of a period, as parts: the first is what it is about, the rest what is to say.
import { sumKwh } from '@/lib/energy/energy-day';
import { figure, percent } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { slotName, slotNotes } from '@/lib/labels/period-labels';
import { RESOLUTION, type Period } from '@/lib/energy/periods';
import { average, comparison, highest, missingOf, total, type Comparable, type Slot } from '@/lib/energy/series';

/** Periods closer than this are alike. */
const SAME_WITHIN = 0.01;

/** `short`: without the share. */
export function difference(kwh: number, then: number, short = false): string {
  const size = figure(Math.abs(kwh));
  if (then > 0 && Math.abs(kwh) < then * SAME_WITHIN) return t.compare.alike;
  if (then <= 0 || short) return kwh < 0 ? t.compare.lessOnly(size) : t.compare.moreOnly(size);
  const part = percent(Math.abs(kwh) / then);
  return kwh < 0 ? t.compare.less(size, part) : t.compare.more(size, part);
}

function differenceTo(kwh: number, before: number, name: string, short: boolean): string {
  const said = difference(kwh, before, short);
  return said === t.compare.alike ? t.compare.alikeAs(name) : `${said} ${t.compare.than(name)}`;
}

export type Compared<S extends Comparable = Comparable> = { name: string; slots: readonly S[] };

/** Like for like: "12 kWh less (8 %)", "than October 2026", "same 20 days". */
export function comparisonParts(slots: readonly Comparable[], other: Compared, period: Period, short = false): string[] {
  const found = comparison(slots, other.slots);
  if (found === null) return short ? [] : [t.compare.nothing(other.name)];
  const same = t.compare.same[RESOLUTION[period]](found.slots);
  return [differenceTo(found.difference, found.before, other.name, short), same];
}

/** The whole period in a line, when no bar is chosen. */
export function periodReadout(slots: readonly Slot[], other: Compared | null, period: Period, zone: string): string[] {
  const parts: string[] = [];
  const mean = average(slots);
  const top = highest(slots);
  if (mean !== null) parts.push(t.use.onAverage[period](figure(mean.kwh)));
  if (top !== null) parts.push(t.use.highestOf(figure(top.kwh), slotName(top, period, zone)));
  const missing = missingOf(slots);
  if (missing.slots > 0) parts.push(t.use.without[RESOLUTION[period]](missing.slots));
  if (missing.hours > 0) parts.push(t.use.hoursMissing(missing.hours));
  if (other !== null) parts.push(...comparisonParts(slots, other, period));
  return parts;
}

export function slotReadout(slot: Slot, then: number | null, name: string, period: Period, zone: string): string[] {
  const parts = [slotName(slot, period, zone)];
  if (slot.kwh !== null) parts.push(`${figure(slot.kwh)} ${t.summary.kwh}`);
  parts.push(...slotNotes(slot, period));
  if (then !== null) parts.push(t.compare.value(figure(then), name));
  if (then !== null && slot.state === 'measured') parts.push(difference(sumKwh([slot.kwh ?? 0, -then]), then));
  return parts;
}

/** How far the period has come at the end of a slot, beside the one that it is measured by. */
export function runningReadout(slots: readonly Slot[], other: Compared<Slot> | null, index: number, period: Period, zone: string): string[] {
  const slot = slots[index];
  if (slot === undefined) return [];
  const parts = [t.adds.until(slotName(slot, period, zone))];
  const own = total(slots.slice(0, index + 1));
  if (own !== null && slot.state !== 'ahead') parts.push(`${figure(own)} ${t.summary.kwh}`);
  const then = other === null ? null : total(other.slots.slice(0, index + 1));
  if (other !== null && then !== null) parts.push(t.adds.other(figure(then), other.name));
  return parts;
}
