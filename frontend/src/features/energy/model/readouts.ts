// The lines above the charts, as parts: the first is what it is about, the rest what is to say.
import { limitInSight } from '@/lib/charts/chart-scale';
import { closedHours, missingHours, sumKwh, totalOfFirst, type Hour } from '@/lib/energy/energy-day';
import { clock, exact, figure } from '@/lib/labels/format';
import { hourRange, hourState } from '@/lib/labels/hour-labels';
import { t } from '@/lib/i18n/messages';

/** Days closer than this are alike; the last watt-hours of a difference say nothing. */
const SAME_WITHIN = 0.01;

export function hourReadout(hour: Hour, zone: string, limit: number | null): string[] {
  const parts = [hourRange(hour, zone)];
  const state = hourState(hour);
  if (hour.kwh !== null) parts.push(`${figure(hour.kwh)} ${t.summary.kwh}`);
  if (state !== null) parts.push(state);
  if (hour.kwh !== null && limit !== null && hour.kwh > limit) {
    parts.push(t.hours.overLimit(figure(sumKwh([hour.kwh, -limit]))));
  }
  if (hour.covers !== null) parts.push(t.use.covers(hour.covers));
  if (hour.count > 0) parts.push(t.hours.readingCount(hour.count));
  return parts;
}

/** The whole day in a line, when no hour is chosen. */
export function dayReadout(hours: readonly Hour[], zone: string, limit: number | null): string[] {
  const known = hours.filter((hour) => hour.kwh !== null);
  const [first] = known;
  if (first === undefined) return [];
  const peak = known.reduce((best, hour) => ((hour.kwh ?? 0) > (best.kwh ?? 0) ? hour : best), first);
  const average = sumKwh(known.map((hour) => hour.kwh ?? 0)) / known.length;
  const parts = [t.hours.onAverage(figure(average)), t.hours.highest(figure(peak.kwh), clock(peak.start, zone))];
  const missing = missingHours(hours);
  if (missing > 0) parts.push(t.summary.missing(missing));
  if (limit !== null && !limitInSight(limit, peak.kwh ?? 0)) parts.push(t.hours.limitAbove(exact(limit)));
  return parts;
}

/** The running total at the end of the chosen hour, or now, beside the day before. */
export function trendReadout(
  hours: readonly Hour[],
  before: readonly Hour[],
  active: number | null,
  zone: string,
  compared: string | null = null,
): string[] {
  if (active === null && compared === null) return comparison(hours, before, zone);
  // What the difference is stands above the bars; here, how far both have come.
  const index = active ?? closedHours(hours) - 1;
  const hour = hours[index];
  if (hour === undefined) return [];
  const known = hours.slice(0, index + 1).flatMap((one) => (one.kwh === null ? [] : [one.kwh]));
  const parts = [t.trend.until(clock(hour.end, zone))];
  if (hour.state !== 'ahead') parts.push(`${figure(sumKwh(known))} ${t.summary.kwh}`);
  const other = totalOfFirst(before, index + 1);
  if (other !== null) parts.push(compared === null ? t.trend.dayBeforeValue(figure(other)) : t.compare.value(figure(other), compared));
  return parts;
}

/** Like for like: only hours that are over and complete on both days. */
function comparison(hours: readonly Hour[], before: readonly Hour[], zone: string): string[] {
  if (before.length === 0) return [];
  const closed = closedHours(hours);
  const last = hours[closed - 1];
  const now = totalOfFirst(hours, closed);
  const then = totalOfFirst(before, closed);
  if (last === undefined || now === null || then === null) return [t.compare.nothing(t.trend.dayBefore)];
  const difference = sumKwh([now, -then]);
  const said =
    Math.abs(difference) < then * SAME_WITHIN
      ? t.trend.likeDayBefore
      : t.trend.againstDayBefore(figure(Math.abs(difference)), difference < 0);
  return closed === hours.length ? [said] : [said, t.trend.comparedUntil(clock(last.end, zone))];
}
