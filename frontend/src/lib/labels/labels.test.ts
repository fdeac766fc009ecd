import { describe, expect, it } from 'vitest';
import { aDay, hoursOf } from '@/testing/days';
import { readCases } from '@/testing/cases';
import { fittingTicks, limitInSight, niceScale, slotAt } from '@/lib/charts/chart-scale';
import { daysFrom, slotSpans } from '@/lib/energy/periods';
import { slotsOf } from '@/lib/energy/slots';
import { clock, dayAndClock, exact, figure, waiting } from './format';
import { ageParts, freshnessHint, freshnessOf } from './freshness';
import { dayLengthNote, hourRange, hourTicks } from './hour-labels';
import { slotTicks } from './period-labels';

const AMSTERDAM = 'Europe/Amsterdam';
const later = Date.parse('2030-01-01T00:00:00Z');
const quarters = (date: string) => slotsOf(slotSpans('day', date, AMSTERDAM, 'quarter'), [], later);
const hours = (date: string, zone = AMSTERDAM) => hoursOf(aDay(date, zone, () => 1), later);

describe('figures', () => {
  it.each([
    [null, '—'],
    [0, '0'],
    [0.0474, '0.047'],
    [0.217, '0.22'],
    [0.9951, '1.0'],
    [1.9249, '1.9'],
    [9.996, '10.0'],
    [15.24, '15.2'],
    [99.97, '100'],
    [650.4, '650'],
    [12_345.6, '12,346'],
  ])('of %s kWh say %s', (kwh, text) => {
    expect(figure(kwh)).toBe(text);
  });

  it('have at most three decimals in a readout, and no added zeros', () => {
    expect(exact(0.217_49)).toBe('0.217');
    expect(exact(7.28)).toBe('7.28');
    expect(exact(2)).toBe('2');
    expect(exact(null)).toBe('—');
  });
});

const labelsUnder = (date: string, slotPx: number) => fittingTicks(hourTicks(hours(date), AMSTERDAM, true), slotPx).map(({ label }) => label);

describe('labels under the bars', () => {
  it('are left out where they would touch the date, or the hour that comes twice', () => {
    expect(labelsUnder('2026-11-22', 9)).toEqual(['22 Nov', '06', '09', '12', '15', '18', '21']);
    expect(labelsUnder('2026-10-25', 9)).toEqual(['02 ×2', '06', '09', '12', '15', '18', '21']);
    expect(labelsUnder('2026-10-25', 6)).toEqual(['02 ×2', '09', '15', '21']);
  });

  it('are all there where they have room', () => {
    expect(labelsUnder('2026-11-22', 20)).toEqual(['22 Nov', '03', '06', '09', '12', '15', '18', '21']);
  });
});

describe('hour names', () => {
  it('are in the device’s zone', () => {
    expect(clock(Date.parse('2026-11-22T17:00:00Z'), 'Asia/Kathmandu')).toBe('22:45');
    expect(dayAndClock(Date.parse('2026-11-22T22:30:00Z'), 'Europe/Bucharest')).toBe('23 Nov, 00:30');
  });

  it('read as a range, midnight included', () => {
    const day = hours('2026-11-22');
    expect(hourRange(day[18] ?? never(), AMSTERDAM)).toBe('18:00 – 19:00');
    expect(hourRange(day[23] ?? never(), AMSTERDAM)).toBe('23:00 – 00:00');
  });

  it('distinguish the two equal hours of a 25-hour day', () => {
    const day = hours('2024-10-27');
    expect(hourRange(day[2] ?? never(), AMSTERDAM)).toBe('02:00 – 03:00 (first time, UTC+2)');
    expect(hourRange(day[3] ?? never(), AMSTERDAM)).toBe('02:00 – 03:00 (second time, UTC+1)');
  });

  it('of quarters say their minutes, and distinguish the equal ones of a 25-hour day', () => {
    const day = quarters('2024-10-27');
    expect(day).toHaveLength(100);
    expect([day[7], day[9], day[12], day[99]].map((quarter) => hourRange(quarter ?? never(), AMSTERDAM))).toEqual([
      '01:45 – 02:00',
      '02:15 – 02:30 (first time, UTC+2)',
      '02:00 – 02:15 (second time, UTC+1)',
      '23:45 – 00:00',
    ]);
    expect(dayLengthNote(day, AMSTERDAM)).toBe(dayLengthNote(hours('2024-10-27'), AMSTERDAM));
    expect(quarters('2024-03-31')).toHaveLength(92);
    expect(dayLengthNote(quarters('2024-03-31'), AMSTERDAM)).toBe('23-hour day: the clocks go forward');
    expect(dayLengthNote(quarters('2024-04-01'), AMSTERDAM)).toBeNull();
    const ticks = hourTicks(quarters('2024-04-01'), AMSTERDAM, true);
    expect(ticks.map(({ index, label }) => [index, label]).slice(0, 3)).toEqual([[0, '1 Apr'], [12, '03'], [24, '06']]);
  });

  it('stand under every third bar, the date first', () => {
    const labels = hourTicks(hours('2026-11-22'), AMSTERDAM).map((tick) => tick.label);
    expect(labels).toEqual(['22 Nov', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00']);
  });

  it('leave the minutes out on a phone', () => {
    const labels = hourTicks(hours('2026-11-22'), AMSTERDAM, true).map((tick) => tick.label);
    expect(labels).toEqual(['22 Nov', '03', '06', '09', '12', '15', '18', '21']);
  });

  it('mark the repeated hour under the bars', () => {
    const ticks = hourTicks(hours('2024-10-27'), AMSTERDAM);
    expect(ticks.slice(0, 3).map((tick) => [tick.index, tick.label])).toEqual([
      [0, '27 Oct'],
      [3, '02:00 ×2'],
      [7, '06:00'],
    ]);
  });

  it('keep their clock position on a 23-hour day', () => {
    const ticks = hourTicks(hours('2024-03-31'), AMSTERDAM);
    expect(ticks.slice(0, 3).map((tick) => [tick.index, tick.label])).toEqual([
      [0, '31 Mar'],
      [2, '03:00'],
      [5, '06:00'],
    ]);
  });

  it('come with a note on a day of 23 or 25 hours', () => {
    expect(dayLengthNote(hours('2026-11-22'), AMSTERDAM)).toBeNull();
    expect(dayLengthNote(hours('2024-10-27'), AMSTERDAM)).toContain('02:00 occurs twice');
    expect(dayLengthNote(hours('2024-03-31'), AMSTERDAM)).toContain('23-hour');
  });
});

type AgeCase = { age_seconds: number | null; interval_seconds: number; state: string };

function ticksOf(from: string, to: string, compact = false): string[] {
  const period = daysFrom(from, to);
  const slots = slotsOf(slotSpans(period, to, 'UTC'), [], later);
  return slotTicks(slots, period, 'UTC', compact).map(({ index, label, strong }) => `${index} ${label}${strong ? '!' : ''}`);
}

describe('labels under the bars of a period of any length', () => {
  it('name the days of hours, and dates at equal distances', () => {
    expect(ticksOf('2026-02-27', '2026-03-01')).toEqual(['0 27 Feb!', '24 28 Feb!', '48 1 Mar!']);
    expect(ticksOf('2026-02-19', '2026-03-20', true)).toEqual(['0 19 Feb!', '6 25 Feb', '12 3 Mar', '18 9 Mar', '24 15 Mar']);
  });

  it('name the year where it begins', () => {
    expect(ticksOf('2025-10-20', '2026-06-10')).toEqual(['0 Oct 2025!', '1 Nov', '2 Dec', '3 Jan 2026!', '4 Feb', '5 Mar', '6 Apr', '7 May', '8 Jun']);
    expect(ticksOf('2025-10-20', '2026-11-28', true)).toEqual(['0 Oct!', '3 2026!', '6 Apr', '9 Jul', '12 Oct']);
    expect(ticksOf('2019-12-31', '2026-12-31')).toEqual(Array.from({ length: 8 }, (_, index) => `${index} ${2019 + index}`));
  });
});

describe('freshness', () => {
  const now = Date.parse('2026-11-22T14:10:00Z');
  const at = (secondsAgo: number) => now - secondsAgo * 1000;

  it.each(readCases<AgeCase[]>('states/ages.json'))('is $state at an age of $age_seconds s with an interval of $interval_seconds s', (age) => {
    const last = age.age_seconds === null ? null : at(age.age_seconds);
    expect(freshnessOf(last, age.interval_seconds, now)).toBe(age.state === 'live' ? 'fresh' : age.state);
  });

  it('gives an age in seconds, minutes, hours or days', () => {
    const spoken = (instant: number) => Object.values(ageParts(instant, now)).join(' ').trim();
    expect([0, 4, 75, 7300, 300_000].map((age) => spoken(at(age)))).toEqual([
      'Just now', '4 s ago', '1 min ago', '2 h ago', '3 days ago',
    ]);
    expect(spoken(now + 60_000)).toBe('Just now');
  });

  it('names the day when it is not today', () => {
    expect(freshnessHint('late', at(1900), 'UTC', now)).toBe('Late, last reading at 13:38');
    expect(freshnessHint('silent', at(86_400), 'UTC', now)).toBe('Silent since 21 Nov, 14:10');
  });
});

describe('axis steps', () => {
  it.each([
    [1.93, [0, 0.5, 1, 1.5, 2]],
    [2.7137, [0, 1, 2, 3]],
    [0.04, [0, 0.01, 0.02, 0.03, 0.04]],
    [96, [0, 25, 50, 75, 100]],
    [0, [0, 0.25, 0.5, 0.75, 1]],
  ])('up to %s are round', (max, ticks) => {
    expect(niceScale(max).ticks).toEqual(ticks);
  });

  it('do not reach to a limit far above the bars', () => {
    expect(limitInSight(2.5, 2)).toBe(true);
    expect(limitInSight(50, 2)).toBe(false);
    expect(limitInSight(null, 2)).toBe(false);
  });
});

describe('the slot under the pointer', () => {
  const plot = { left: 40, right: 10 };
  it('is one of the equal widths, clamped at the ends', () => {
    expect(slotAt(40, 290, plot, 24)).toBe(0);
    expect(slotAt(169, 290, plot, 24)).toBe(12);
    expect(slotAt(0, 290, plot, 24)).toBe(0);
    expect(slotAt(500, 290, plot, 24)).toBe(23);
    expect(slotAt(10, 30, plot, 24)).toBe(-1);
  });
});

it('a time to wait is given in seconds or minutes', () => {
  expect(waiting(40)).toBe('40 seconds');
  expect(waiting(170)).toBe('3 minutes');
});

function never(): never {
  throw new Error('no such hour');
}
