import { describe, expect, it } from 'vitest';
import { aDay, hoursOf, withEstimate } from '@/testing/days';
import { seriesPoints } from '@/testing/series';
import { comparison } from './comparison';
import { addDays, dayBounds, hoursIn } from './days';
import { daysFrom, slotSpans } from './periods';
import { runningTotal, totalsAtEnds } from './running-total';
import { ranking } from './shares';
import { coverageOf, hoursLong, missingOf, periodFigures, runsOf, slotsOf, together, total } from './slots';

const ZONE = 'Europe/Bucharest';
const NOW = Date.parse('2026-11-22T10:30:00Z');
const november = slotSpans('month', '2026-11-10', ZONE);

function month(kwhAt: (index: number) => number | null, hoursAt: (index: number) => number = () => 24) {
  return slotsOf(november, seriesPoints(november, kwhAt, hoursAt), NOW);
}

describe('slots of a period', () => {
  it('are complete, incomplete, missing, in progress or still to come', () => {
    const slots = month((i) => (i > 21 || i === 3 ? null : 10), (i) => (i === 5 ? 20 : 24));
    expect(slots).toHaveLength(30);
    expect(slots[0]?.state).toBe('measured');
    expect(slots[3]?.state).toBe('missing');
    expect(slots[5]?.state).toBe('partial');
    expect(slots[21]?.state).toBe('open');
    expect(slots[22]?.state).toBe('ahead');
    expect(missingOf(slots)).toEqual({ slots: 1, hours: 4 });
    expect(runsOf(slots, 'missing')).toEqual([{ from: 3, to: 3 }]);
  });

  it('before the first reading are not missing, and the day of the first reading is incomplete', () => {
    const first = (november[2]?.start ?? 0) + 15 * 3_600_000;
    const points = seriesPoints(november, (i) => (i < 2 ? null : 10), (i) => (i === 2 ? 9 : 24));
    const slots = slotsOf(november, points, NOW, first);
    expect(slots.slice(0, 4).map(({ state }) => state)).toEqual(['unmetered', 'unmetered', 'partial', 'measured']);
    expect(missingOf(slots)).toEqual({ slots: 0, hours: 0 });
  });

  it('of months are the sums of the days that begin in them, and a cut month is not averaged', () => {
    const period = daysFrom('2026-01-15', '2026-06-20');
    const days = Array.from({ length: 157 }, (_, index) => {
      const day = addDays('2026-01-15', index);
      return { ...dayBounds(day, ZONE), kind: 'day' as const, day, clockHour: null, repeat: null };
    });
    const points = seriesPoints(days, (i) => (i === 0 ? null : 0.1), (i) => hoursIn(addDays('2026-01-15', i), ZONE));
    const slots = slotsOf(slotSpans(period, '2026-06-20', ZONE), points, NOW);
    expect(slots.map(({ kwh }) => kwh)).toEqual([1.6, 2.8, 3.1, 3, 3.1, 2]);
    expect(slots.map(({ state }) => state)).toEqual(['partial', 'measured', 'measured', 'measured', 'measured', 'measured']);
    expect(slots.map(({ hoursExpected }) => hoursExpected)).toEqual([408, 672, 743, 720, 744, 480]);
    expect(periodFigures(slots, true)).toMatchObject({ average: 3, averaged: 4, total: 15.6, highest: { kwh: 3.1 } });
  });

  it('add up to running totals, which are unknown where a slot is unknown', () => {
    expect(totalsAtEnds([{ kwh: 0.1 }, { kwh: null }, { kwh: 0.2 }])).toEqual([0.1, null, 0.3]);
  });

  it('without readings are unknown and not zero', () => {
    const slots = month((i) => (i === 0 ? 0 : null));
    expect(total(slots)).toBe(0);
    expect(total(month(() => null))).toBeNull();
    expect(periodFigures(month(() => null), true)).toMatchObject({ average: null, highest: null, lowest: null });
  });

  it('are covered by the quarter-hours that are over since the first reading', () => {
    const day = hoursOf(aDay('2026-11-22', 'UTC', (i) => (i < 2 || i === 5 || i > 10 ? null : 1)), NOW, Date.parse('2026-11-22T02:00:00Z'));
    // From 02:00 to 10:30, without the hour from 05:00; of the hour in progress all that is known counts.
    expect(coverageOf([day])).toEqual({ measured: 32, quarters: 36 });
  });

  it('leave the day in progress and incomplete days out of the average', () => {
    const slots = month((i) => (i > 21 ? null : i === 21 ? 1 : i === 5 ? 3 : 10), (i) => (i === 5 ? 6 : 24));
    expect(periodFigures(slots, true)).toMatchObject({ average: 10, averaged: 20 });
  });

  it('add up exactly', () => {
    expect(total(month((i) => (i < 10 ? 0.1 : null)))).toBe(1);
  });

  it('are 25 hours long when the clock goes back', () => {
    const october = slotsOf(slotSpans('month', '2026-10-01', ZONE), [], NOW);
    expect(hoursLong(october[24] as never)).toBe(25);
    expect(hoursLong(october[0] as never)).toBe(24);
  });
});

describe('comparison', () => {
  const before = slotSpans('month', '2026-10-10', ZONE);
  const then = (kwhAt: (index: number) => number | null) =>
    slotsOf(before, seriesPoints(before, kwhAt, (i) => (i === 24 ? 25 : 24)), NOW);

  it('covers only days that are complete in both periods', () => {
    const result = comparison(month((i) => (i > 21 || i === 3 ? null : 12)), then((i) => (i === 4 ? null : 10)));
    // 21 days are over; one is missing here, another there.
    expect(result).toEqual({ difference: 38, now: 228, before: 190, share: 0.2, slots: 19 });
  });

  it('has no percentage of zero, and no result without a complete day', () => {
    expect(comparison(month(() => 1), then(() => 0))?.share).toBeNull();
    expect(comparison(month(() => null), then(() => 1))).toBeNull();
  });
});

describe('several devices', () => {
  it('stack to their exact total', () => {
    const sum = together([month(() => 0.1), month(() => 0.2)]);
    expect(sum[0]?.kwh).toBe(0.3);
    expect(sum[0]?.state).toBe('measured');
  });

  it('are incomplete where one of them is, and unknown where all are', () => {
    const sum = together([month((i) => (i === 2 || i === 3 ? null : 1)), month((i) => (i === 3 ? null : 2))]);
    expect(sum[2]).toMatchObject({ kwh: 2, state: 'partial' });
    expect(sum[3]).toMatchObject({ kwh: null, state: 'missing' });
  });

  it('of which one was added later are incomplete until then, and its earlier hours are not missing', () => {
    const late = slotsOf(november, seriesPoints(november, (i) => (i < 5 ? null : 1), () => 24), NOW, november[5]?.start);
    const sum = together([late, month(() => 2)]);
    expect(sum.slice(4, 6).map(({ kwh, state }) => [kwh, state])).toEqual([[2, 'partial'], [3, 'measured']]);
    expect(missingOf(sum.slice(0, 6))).toEqual({ slots: 0, hours: 0 });
    expect(together([late, late])[0]?.state).toBe('unmetered');
  });

  it('leave out the hour that is estimated for one of them', () => {
    const later = NOW + 86_400_000;
    const gap = hoursOf(withEstimate(aDay('2026-11-22', 'UTC', (i) => (i === 5 ? 6 : 1)), 5), later);
    const plain = hoursOf(aDay('2026-11-22', 'UTC', () => 2), later);
    const sum = together([gap, plain]);
    expect(sum[5]).toMatchObject({ kwh: 8, state: 'measured', estimated: 6 });
    expect(periodFigures(sum, false)).toMatchObject({ average: 3, averaged: 23, highest: { kwh: 3 }, lowest: { kwh: 3 } });
  });

  it('of which one is estimated have as many measured quarter-hours as each of them', () => {
    const later = NOW + 86_400_000;
    const gap = hoursOf(withEstimate(aDay('2026-11-22', 'UTC', (i) => (i === 5 ? 6 : 1)), 5), later);
    const plain = hoursOf(aDay('2026-11-22', 'UTC', (i) => (i === 7 ? null : 2)), later);
    expect(coverageOf([gap, plain])).toEqual({ measured: 184, quarters: 192 });
  });

  it('rank from most to least, unknown ones last', () => {
    const ranked = ranking([{ name: 'a', kwh: 1 }, { name: 'b', kwh: null }, { name: 'c', kwh: 3 }]);
    expect(ranked.map(({ item, share }) => [item.name, share])).toEqual([['c', 0.75], ['a', 0.25], ['b', 0]]);
  });
});

it('the running total adds up across the period, and its line is cut where a day is missing', () => {
  const slots = month((i) => (i === 1 ? null : i < 4 ? 2 : null)).slice(0, 4);
  expect(runningTotal(slots, NOW)).toEqual([
    { elapsed: 0, total: 0 },
    { elapsed: 1, total: 2 },
    { elapsed: 1.001, total: null },
    { elapsed: 2, total: 2 },
    { elapsed: 3, total: 4 },
    { elapsed: 4, total: 6 },
  ]);
});
