import { describe, expect, it } from 'vitest';
import { seriesPoints } from '@/testing/series';
import { comparison } from './comparison';
import { addDays, dayBounds, hoursIn, type Day } from './days';
import { hasOtherTime, hoursBeside, periodAYearBefore, periodBefore, slotsBeside, type OtherTime } from './other-period';
import { dayAfter, daysFrom, firstDay, slotSpans, type Period } from './periods';
import { slotsOf, type Slot } from './slots';

const ZONE = 'Europe/Bucharest';
const LATER = Date.parse('2035-01-01T00:00:00Z');

const daysOf = ({ period, date }: OtherTime) => [firstDay(period, date), addDays(dayAfter(period, date), -1)];

/** Points of each day from `from` to `to`, of `kwhAt` kWh. */
function dailyPoints(from: Day, to: Day, kwhAt: (day: Day) => number | null) {
  const days: Day[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  const spans = days.map((day) => ({ ...dayBounds(day, ZONE), kind: 'day' as const, day, clockHour: null, repeat: null }));
  return seriesPoints(spans, (i) => kwhAt(days[i] ?? ''), (i) => hoursIn(days[i] ?? '', ZONE));
}

const slotsIn = (period: Period, date: Day, kwhAt: (day: Day) => number | null) =>
  slotsOf(slotSpans(period, date, ZONE), dailyPoints(firstDay(period, date), addDays(dayAfter(period, date), -1), kwhAt), LATER);

const quarters = (date: Day) => slotSpans('day', date, ZONE, 'quarter');

function beside(slots: readonly Slot[], other: OtherTime, kwhAt: (day: Day) => number | null): Slot[] {
  const [from = '', to = ''] = daysOf(other);
  return slotsBeside(slots, other.dayFor, dailyPoints(from, to, kwhAt), ZONE, LATER, -Infinity);
}

describe('the period before', () => {
  it.each<[Period, Day, Day, Day]>([
    ['7days', '2026-11-28', '2026-11-15', '2026-11-21'],
    ['30days', '2026-03-15', '2026-01-15', '2026-02-13'],
    ['quarter', '2026-11-28', '2026-07-01', '2026-09-30'],
    ['month', '2026-03-31', '2026-02-01', '2026-02-28'],
    ['157days', '2026-06-20', '2025-08-11', '2026-01-14'],
  ])('of %s to %s has the same length and ends the day before', (period, date, from, to) => {
    expect(daysOf(periodBefore(period, date))).toEqual([from, to]);
  });
});

describe('the period a year before', () => {
  it.each<[Period, Day, Day, Day]>([
    ['7days', '2026-11-28', '2025-11-22', '2025-11-28'],
    ['30days', '2024-03-15', '2023-02-15', '2023-03-15'],
    ['30days', '2025-03-15', '2024-02-14', '2024-03-15'],
    ['quarter', '2026-11-28', '2025-10-01', '2025-12-31'],
    ['week', '2026-11-28', '2025-11-24', '2025-11-30'],
    ['2days', '2024-02-29', '2023-02-28', '2023-02-28'],
    ['day', '2024-02-29', '2023-02-28', '2023-02-28'],
  ])('of %s to %s has the same dates', (period, date, from, to) => {
    expect(daysOf(periodAYearBefore(period, date))).toEqual([from, to]);
  });

  it('leaves 29 February alone, and every other day beside its own date', () => {
    const slots = slotsIn('quarter', '2024-02-10', () => 1);
    const other = beside(slots, periodAYearBefore('quarter', '2024-02-10'), (day) => Number(day.slice(5, 7)) * 100 + Number(day.slice(8)));
    expect(other.map(({ kwh }) => kwh).slice(57, 62)).toEqual([227, 228, null, 301, 302]);
    expect(comparison(slots, other)?.slots).toBe(90);
  });
});

describe('like for like', () => {
  it('parts of months stand beside as many days of the time before', () => {
    const period = daysFrom('2026-01-15', '2026-06-20');
    const slots = slotsIn(period, '2026-06-20', () => 2);
    const other = beside(slots, periodBefore(period, '2026-06-20'), () => 1);
    // The clocks of Europe go back within the days before, and on within the shown ones: no day is lost or counted twice.
    expect(other.map(({ kwh }) => kwh)).toEqual([17, 28, 31, 30, 31, 20]);
    expect(comparison(slots, other)).toMatchObject({ now: 314, before: 157, slots: 6 });
  });

  it('a month that lacks a day in one of the periods is not compared', () => {
    const period = daysFrom('2026-01-15', '2026-06-20');
    const slots = slotsIn(period, '2026-06-20', (day) => (day === '2026-02-10' ? null : 2));
    const other = beside(slots, periodBefore(period, '2026-06-20'), (day) => (day === '2026-01-14' ? null : 1));
    expect(comparison(slots, other)).toMatchObject({ now: 2 * (17 + 31 + 30 + 31), before: 109, slots: 4 });
  });

  it('a longer month before is compared as far as this one reaches, and a shorter one as far as that reaches', () => {
    const february = slotsIn('month', '2026-02-10', () => 1);
    expect(beside(february, periodBefore('month', '2026-02-10'), () => 2).map(({ kwh }) => kwh)).toEqual(Array.from({ length: 28 }, () => 2));
    const march = slotsIn('month', '2026-03-10', () => 1);
    expect(comparison(march, beside(march, periodBefore('month', '2026-03-10'), () => 2))?.slots).toBe(28);
  });

  it('hours of several days go by the clock of each day', () => {
    const hours = slotSpans('2days', '2026-03-29', ZONE);
    const before = slotSpans('2days', '2026-03-27', ZONE);
    const now = slotsOf(hours, seriesPoints(hours, () => 1), LATER);
    const then = slotsOf(before, seriesPoints(before, (i) => i), LATER);
    const other = hoursBeside(now, then, periodBefore('2days', '2026-03-29').dayFor);
    // 03:00 does not exist on 29 March.
    expect(other.map(({ kwh }) => kwh).slice(24, 29)).toEqual([24, 25, 26, 28, 29]);
    expect(other).toHaveLength(47);
  });

  it('quarters of an hour go by the clock too', () => {
    const now = slotsOf(quarters('2026-03-29'), seriesPoints(quarters('2026-03-29'), () => 1), LATER);
    const then = slotsOf(quarters('2026-03-28'), seriesPoints(quarters('2026-03-28'), (i) => i), LATER);
    const other = hoursBeside(now, then, periodBefore('day', '2026-03-29').dayFor);
    // From 03:00 to 04:00 nothing exists on 29 March.
    expect(other.map(({ kwh }) => kwh).slice(10, 14)).toEqual([10, 11, 16, 17]);
    expect(other).toHaveLength(92);
  });

  it('a period drawn in years is compared with no other time', () => {
    expect(hasOtherTime('1831days')).toBe(false);
    expect(hasOtherTime('1830days')).toBe(true);
    expect(hasOtherTime('year')).toBe(true);
  });
});
