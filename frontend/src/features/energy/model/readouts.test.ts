import { describe, expect, it } from 'vitest';
import { slotSpans } from '@/lib/energy/periods';
import { slotsOf, type Slot } from '@/lib/energy/slots';
import { aDay, hoursOf, withEstimate } from '@/testing/days';
import { seriesPoints } from '@/testing/series';
import { comparisonParts, coverageParts, missingParts, overLimit, periodReadout, runningReadout, slotReadout, type Subject } from './readouts';

const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);
const today = (kwhAt: (i: number) => number | null, now: number) => hoursOf(aDay('2026-11-22', 'UTC', kwhAt), now);
const yesterday = (kwhAt: (i: number) => number | null) => hoursOf(aDay('2026-11-21', 'UTC', kwhAt), at('12:00:00'));
const subject: Subject = { period: 'day', kind: 'hour', zone: 'UTC', single: true, limit: null, inPower: false };

const constant = (kwh: number) => ({ name: 'Sat 21 Nov', slots: yesterday(() => kwh) });

function days(month: string, kwh: number) {
  const spans = slotSpans('month', `${month}-10`, 'UTC');
  const points = seriesPoints(spans, (i) => (month === '2026-11' && i > 21 ? null : kwh), () => 24);
  return slotsOf(spans, points, at('10:30:00'));
}

describe('the readout of a slot', () => {
  it('names the energy above the limit, and that the hour is in progress', () => {
    const hours = today((i) => (i < 3 ? 1.75 : null), at('02:30:00'));
    const [first, , third, fourth] = hours;
    if (first === undefined || third === undefined || fourth === undefined) throw new Error('a day has hours');

    expect(slotReadout(first, null, { ...subject, limit: 1.5 })).toEqual(['00:00 – 01:00', '1.8 kWh', '0.25 over the limit', '6 readings']);
    expect(slotReadout(third, null, subject)).toEqual(['02:00 – 03:00', '1.8 kWh', 'in progress', '6 readings']);
    expect(slotReadout(fourth, null, { ...subject, limit: 1.5 })).toEqual(['03:00 – 04:00', 'upcoming']);
  });

  it('names the compared slot and the difference', () => {
    const [first] = today(() => 3, at('12:00:00'));
    if (first === undefined) throw new Error('a day has hours');
    expect(slotReadout(first, { kwh: 2, name: 'Roof' }, subject).slice(-2)).toEqual(['Roof: 2.0 kWh', '1.0 kWh more (50%)']);
  });
});

describe('the readout of a day', () => {
  it('names missing hours and a limit too high to draw', () => {
    const hours = today((i) => (i === 1 ? null : 0.5), at('23:59:00'));
    expect(periodReadout(hours, { ...subject, limit: 40 })).toEqual([
      '0.50 kWh per hour on average',
      'peak 0.50 kWh at 00:00 – 01:00',
      '1 hour without data',
      'limit 40 kWh, above the chart',
    ]);
  });

  it('names whole days and single hours without data in one part', () => {
    const spans = slotSpans('week', '2026-11-18', 'UTC');
    const week = slotsOf(spans, seriesPoints(spans, (i) => (i === 1 ? null : 3), (i) => (i === 2 ? 20 : 24)), at('23:59:00'));
    expect(missingParts(week, 'day')).toEqual(['4 hours and 1 day without data']);
  });

  it('averages over measured hours, and no estimated hour is the highest', () => {
    const kwh: Record<number, number> = { 12: 0.2, 13: 0.3, 17: 5 };
    const day = withEstimate(aDay('2026-03-10', 'UTC', (i) => kwh[i] ?? null), 17);
    expect(periodReadout(hoursOf(day, at('12:00:00')), subject).slice(0, 2)).toEqual([
      '0.25 kWh per hour on average',
      'peak 0.30 kWh at 13:00 – 14:00',
    ]);
  });
});

describe('the coverage of a period', () => {
  it('names the measured quarter-hours where not all are, and is left out otherwise', () => {
    const day = hoursOf(withEstimate(aDay('2026-11-21', 'UTC', (i) => (i === 5 ? 6 : i === 7 ? null : 1)), 5), at('12:00:00'));
    expect(coverageParts([day])).toEqual(['88 of 96 quarter-hours measured']);
    expect(coverageParts([yesterday(() => 1)])).toEqual([]);
    expect(periodReadout(day, subject)).toContain('6.0 kWh estimated');
  });

  it('does not call estimated energy over the limit', () => {
    const day = hoursOf(withEstimate(aDay('2026-11-21', 'UTC', () => 6), 5), at('12:00:00'));
    expect([4, 5].map((index) => overLimit(day[index] as Slot, 4, String))).toEqual(['2 over the limit', null]);
  });
});

describe('a comparison', () => {
  it('of today covers the hours that are over', () => {
    const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
    expect(comparisonParts(now, constant(1.5), 'hour')).toEqual(['1.0 kWh less (33%) than Sat 21 Nov', 'over the same 2 hours']);
    expect(comparisonParts(now, constant(1.001), 'hour')[0]).toBe('About the same as Sat 21 Nov (−0.002 kWh)');
  });

  it('with a day that has gaps covers the hours that both days have', () => {
    const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
    const holed = { name: 'Sat 21 Nov', slots: yesterday((i) => (i === 0 ? null : 2)) };
    expect(comparisonParts(now, holed, 'hour')).toEqual(['1.0 kWh less (50%) than Sat 21 Nov', 'over the same hour']);
  });

  it('without a common hour says so, and its short form is empty', () => {
    const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
    const silent = { name: 'Sat 21 Nov', slots: yesterday(() => null) };
    expect(comparisonParts(now, silent, 'hour')).toEqual(['No complete data to compare with: Sat 21 Nov']);
    expect(comparisonParts(now, silent, 'hour', true)).toEqual([]);
  });
});

describe('the running readout', () => {
  it('of a chosen hour gives the total at its end on both days', () => {
    const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
    const before = { name: 'Sat 21 Nov', slots: yesterday(() => 2) };
    expect(runningReadout(now, before, 1, 'UTC')).toEqual(['Until 02:00', '2.0 kWh', 'Sat 21 Nov: 4.0 kWh']);
  });

  it('of a chosen day of a month gives the totals of both months', () => {
    const before = { name: 'October 2026', slots: days('2026-10', 2) };
    expect(runningReadout(days('2026-11', 3), before, 1, 'UTC').slice(1)).toEqual(['6.0 kWh', 'October 2026: 4.0 kWh']);
    expect(runningReadout(days('2026-11', 3), null, 25, 'UTC')).toHaveLength(1);
  });
});
