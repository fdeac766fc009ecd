import { describe, expect, it } from 'vitest';
import { aDay, anUpdate, hoursOf, hourStart, withEstimate, asEstimate } from '@/testing/days';
import { comparison } from './comparison';
import { applyHour } from './day-answer';
import { sumKwh } from './kwh';
import { hoursBeside } from './other-period';
import { runningTotal } from './running-total';
import { partsOfDay } from './shares';
import { missingOf, runsOf } from './slots';

const AMSTERDAM = 'Europe/Amsterdam';
const longAfter = Date.parse('2030-01-01T00:00:00Z');

describe('sums', () => {
  it('are equal to the decimal sum, not close to it', () => {
    expect(sumKwh([0.1, 0.2])).toBe(0.3);
    expect(sumKwh(Array.from({ length: 24 }, () => 0.217_433))).toBe(5.218_392);
  });
});

describe('the hours of a day', () => {
  it('mark the two equal hours of a 25-hour day and no others', () => {
    const hours = hoursOf(aDay('2024-10-27', AMSTERDAM, () => 0.5), longAfter);

    expect(hours).toHaveLength(25);
    expect(hours.map((hour) => hour.repeat).filter(Boolean)).toEqual(['first', 'second']);
    expect(hours[2]?.clockHour).toBe(2);
    expect(hours[3]?.clockHour).toBe(2);
  });

  it('go from 01:00 to 03:00 without a gap on a 23-hour day', () => {
    const hours = hoursOf(aDay('2024-03-31', AMSTERDAM, () => 0.5), longAfter);

    expect(hours.map((hour) => hour.clockHour).slice(0, 4)).toEqual([0, 1, 3, 4]);
    expect(hours.every((hour) => hour.state === 'measured')).toBe(true);
  });

  it('distinguishes a missing hour from a zero, from one in progress and from one still to come', () => {
    const day = aDay('2026-11-22', 'UTC', (i) => [0, null, 0.4, 0.1][i] ?? null);
    const hours = hoursOf(day, Date.parse('2026-11-22T03:20:00Z'));

    expect(hours.slice(0, 5).map((hour) => hour.state)).toEqual(['measured', 'missing', 'measured', 'open', 'ahead']);
    expect(hours[0]?.kwh).toBe(0);
    expect(missingOf(hours).slots).toBe(1);
  });

  it('do not count the hour in progress as missing before its first reading', () => {
    const hours = hoursOf(aDay('2026-11-22', 'UTC', () => null), Date.parse('2026-11-22T00:05:00Z'));
    expect(missingOf(hours).slots).toBe(0);
  });
});

describe('gaps', () => {
  it('join neighbouring missing hours', () => {
    const missing = new Set([3, 4, 5, 9]);
    const hours = hoursOf(aDay('2026-11-20', 'UTC', (i) => (missing.has(i) ? null : 1)), longAfter);
    expect(runsOf(hours, 'missing')).toEqual([
      { from: 3, to: 5 },
      { from: 9, to: 9 },
    ]);
  });
});

describe('a live update', () => {
  const before = aDay('2026-11-22', 'UTC', (i) => (i < 3 ? [0.5, 2.5, 0.25][i] ?? null : null));

  it('moves the hour and every sum', () => {
    const after = applyHour(before, anUpdate(before, 3, 0.75));

    expect(after.hourly_data[3]?.total_consumption).toBe(0.75);
    expect(after.total_daily_consumption).toBe(4);
    expect(after.average_hourly_consumption).toBe(1);
    expect(after.peak_hour).toMatchObject({ hour: 1, total_consumption: 2.5 });
    expect(after.hours_with_data).toBe(4);
    expect(before.hourly_data[3]?.total_consumption).toBeNull();
  });

  it('on a day with an estimated hour averages the measured ones, and no estimated hour becomes the peak', () => {
    const kwh: Record<number, number> = { 12: 0.2, 13: 0.3, 17: 5 };
    const day = withEstimate(aDay('2026-03-10', 'UTC', (i) => kwh[i] ?? null), 17);
    const after = applyHour(day, anUpdate(day, 13, 0.36));
    expect(after.total_daily_consumption).toBe(5.56);
    expect(after.average_hourly_consumption).toBe(0.28);
    expect(after.peak_hour).toMatchObject({ hour: 13, total_consumption: 0.36 });
  });

  it('marks its hour as estimated, and removes the mark', () => {
    const gap = applyHour(before, asEstimate(anUpdate(before, 5, 6)));
    expect(gap.hourly_data[5]).toMatchObject({ total_consumption: 6, estimated: 6 });
    expect(gap.peak_hour).toMatchObject({ hour: 1 });
    const closed = applyHour(gap, anUpdate(gap, 5, 6));
    expect(closed.hourly_data[5]).toMatchObject({ estimated: 0 });
    expect(closed.peak_hour).toMatchObject({ hour: 5, total_consumption: 6 });
  });

  it('can remove the energy of an hour', () => {
    const emptied = [0, 1, 2].reduce((day, i) => applyHour(day, { ...anUpdate(before, i, 0), total_consumption: null }), before);
    expect(emptied).toMatchObject({ total_daily_consumption: null, peak_hour: null, hours_with_data: 0 });
  });

  it('moves the hour of its instant, also where the instant is written in another form', () => {
    const update = { ...anUpdate(before, 3, 0.75), start: hourStart(before, 3).replace('Z', '.000+00:00') };
    expect(applyHour(before, update).hourly_data[3]?.total_consumption).toBe(0.75);
  });

  it('that changes nothing, or is of another day or device, leaves the very same object', () => {
    expect(applyHour(before, { ...anUpdate(before, 3, 1), start: '2026-11-23T00:00:00Z' })).toBe(before);
    expect(applyHour(before, { ...anUpdate(before, 3, 1), device_id: 'other' })).toBe(before);
    const known = { ...anUpdate(before, 0, 0.5), measurement_count: before.hourly_data[0]?.measurement_count ?? 0 };
    expect(applyHour(before, known)).toBe(before);
  });
});

describe('the running total', () => {
  it('starts at zero, ends at the day’s total and lasts 25 hours on a 25-hour day', () => {
    const day = aDay('2024-10-27', AMSTERDAM, () => 0.1);
    const points = runningTotal(hoursOf(day, longAfter), longAfter);
    expect(points[0]).toEqual({ elapsed: 0, total: 0 });
    expect(points.at(-1)).toEqual({ elapsed: 25, total: 2.5 });
  });

  it('is cut where hours are missing and goes on from the same sum', () => {
    const day = aDay('2026-11-20', 'UTC', (i) => (i === 1 || i > 2 ? null : 1));
    expect(runningTotal(hoursOf(day, longAfter), longAfter).map((point) => point.total)).toEqual([0, 1, null, 1, 2]);
  });

  it('is empty without readings', () => {
    expect(runningTotal(hoursOf(aDay('2026-11-20', 'UTC', () => null), longAfter), longAfter)).toEqual([]);
  });

  it('ends at now in the hour that the clock is in, not at that hour’s end', () => {
    const now = Date.parse('2026-11-20T02:15:00Z');
    const points = runningTotal(hoursOf(aDay('2026-11-20', 'UTC', (i) => (i < 3 ? 1 : null)), now), now);
    expect(points.at(-1)).toEqual({ elapsed: 2.25, total: 3 });
  });
});

describe('comparing with another day', () => {
  it('goes by the clock where one of the days is shorter or longer', () => {
    const usual = hoursOf(aDay('2026-03-28', AMSTERDAM, (i) => i), longAfter);
    const short = hoursOf(aDay('2026-03-29', AMSTERDAM, () => 1), longAfter);
    const long = hoursOf(aDay('2026-10-25', AMSTERDAM, () => 1), longAfter);

    // The clock skips 02:00, and has it twice.
    expect(hoursBeside(short, usual, () => '2026-03-28').map(({ kwh }) => kwh).slice(0, 4)).toEqual([0, 1, 3, 4]);
    expect(hoursBeside(long, usual, () => '2026-03-28').map(({ kwh }) => kwh).slice(0, 5)).toEqual([0, 1, 2, null, 3]);
  });

  it('compares only hours that are over and known on both days', () => {
    const now = Date.parse('2026-11-22T04:30:00Z');
    const today = hoursOf(aDay('2026-11-22', 'UTC', (i) => (i < 5 ? 1 : null)), now);
    const holed = hoursOf(aDay('2026-11-21', 'UTC', (i) => (i === 1 ? null : 2)), now);
    expect(comparison(today, holed)).toEqual({ difference: -3, now: 3, before: 6, share: -0.5, slots: 3 });
  });

  it('leaves out an estimated hour on either day', () => {
    const gap = hoursOf(withEstimate(aDay('2026-11-21', 'UTC', (i) => (i === 3 ? 8 : 2)), 3), longAfter);
    const plain = hoursOf(aDay('2026-11-22', 'UTC', () => 1), longAfter);
    expect(comparison(plain, gap)).toMatchObject({ now: 23, before: 46, slots: 23 });
    expect(comparison(gap, plain)).toMatchObject({ now: 46, before: 23, slots: 23 });
  });
});

describe('the parts of a day', () => {
  it('add up to the day, and a part without readings is unknown', () => {
    const parts = partsOfDay(hoursOf(aDay('2026-11-20', 'UTC', (i) => (i < 12 ? 0.5 : i < 18 ? 1 : null)), longAfter));
    expect(parts.map((part) => part.kwh)).toEqual([3, 3, 6, null]);
    expect(parts.map((part) => part.share)).toEqual([0.25, 0.25, 0.5, 0]);
  });
});
