import { describe, expect, it } from 'vitest';
import {
  dayAfter,
  daysFrom,
  firstDay,
  parsePeriod,
  periodBounds,
  resolutionOf,
  samePeriod,
  shift,
  slotSpans,
  weekNumber,
  type Period,
} from './periods';

const ZONE = 'Europe/Bucharest';

it('an unknown period in the address is a day', () => {
  expect([null, 'decade', 'month', 'quarter'].map(parsePeriod)).toEqual(['day', 'day', 'month', 'quarter']);
  expect(['7days', '1days', '0days', '-3days', '7.5days', '07days', '999999days', 'days'].map(parsePeriod)).toEqual([
    '7days',
    ...Array.from({ length: 7 }, () => 'day'),
  ]);
});

it('weeks begin on Monday, months and years on their first day', () => {
  expect(firstDay('week', '2026-11-22')).toBe('2026-11-16');
  expect(firstDay('week', '2026-11-16')).toBe('2026-11-16');
  expect(firstDay('month', '2026-11-22')).toBe('2026-11-01');
  expect(firstDay('year', '2026-11-22')).toBe('2026-01-01');
  expect(dayAfter('month', '2028-02-10')).toBe('2028-03-01');
  expect(samePeriod('week', '2026-12-31', '2027-01-01')).toBe(true);
});

it('a quarter has three months, and a number of days ends on its date', () => {
  expect(firstDay('quarter', '2026-11-22')).toBe('2026-10-01');
  expect(['2026-01-01', '2026-03-31', '2026-04-01'].map((day) => firstDay('quarter', day))).toEqual(['2026-01-01', '2026-01-01', '2026-04-01']);
  expect(dayAfter('quarter', '2026-11-22')).toBe('2027-01-01');
  expect(shift('quarter', '2026-05-31', -1)).toBe('2026-02-28');
  expect(firstDay('7days', '2026-03-03')).toBe('2026-02-25');
  expect(firstDay('30days', '2028-03-01')).toBe('2028-02-01');
  expect(dayAfter('7days', '2026-12-31')).toBe('2027-01-01');
  expect(shift('30days', '2026-03-30', -1)).toBe('2026-02-28');
  expect(samePeriod('7days', '2026-11-22', '2026-11-21')).toBe(false);
  expect(daysFrom('2026-02-28', '2026-03-01')).toBe('2days');
  expect(daysFrom('2026-02-28', '2026-02-28')).toBe('day');
});

it.each<[Period, string]>([
  ['2days', 'hour'],
  ['3days', 'hour'],
  ['4days', 'day'],
  ['100days', 'day'],
  ['101days', 'month'],
  ['1830days', 'month'],
  ['1831days', 'year'],
  ['quarter', 'day'],
])('%s are drawn in slots of a %s', (period, kind) => {
  expect(resolutionOf(period)).toBe(kind);
});

it('a step to a shorter month ends on its last day', () => {
  expect(shift('month', '2026-03-31', -1)).toBe('2026-02-28');
  expect(shift('month', '2026-01-15', -1)).toBe('2025-12-15');
  expect(shift('month', '2026-12-15', 1)).toBe('2027-01-15');
  expect(shift('year', '2028-02-29', 1)).toBe('2029-02-28');
  expect(shift('week', '2026-11-22', -1)).toBe('2026-11-15');
});

it('weeks are numbered by ISO 8601', () => {
  expect(weekNumber('2026-01-01')).toBe(1);
  expect(weekNumber('2027-01-01')).toBe(53);
  expect(weekNumber('2026-11-22')).toBe(47);
});

describe('slots', () => {
  it('are as many as the calendar says', () => {
    expect(slotSpans('week', '2026-11-22', ZONE)).toHaveLength(7);
    expect(slotSpans('month', '2026-02-22', ZONE)).toHaveLength(28);
    expect(slotSpans('month', '2028-02-22', ZONE)).toHaveLength(29);
    expect(slotSpans('year', '2026-11-22', ZONE)).toHaveLength(12);
    expect(slotSpans('day', '2026-10-25', ZONE)).toHaveLength(25);
    expect(slotSpans('day', '2026-03-29', ZONE)).toHaveLength(23);
    expect(slotSpans('quarter', '2028-02-22', ZONE)).toHaveLength(31 + 29 + 31);
    expect(slotSpans('3days', '2026-10-26', ZONE)).toHaveLength(73);
    expect(slotSpans('3days', '2026-03-30', ZONE)).toHaveLength(71);
    expect(slotSpans('30days', '2026-11-22', ZONE)).toHaveLength(30);
  });

  it('of months and years are cut by the ends of the period and say so', () => {
    const months = slotSpans(daysFrom('2026-01-15', '2026-06-20'), '2026-06-20', ZONE);
    expect(months.map(({ kind, day, until }) => [kind, day, until])).toEqual([
      ['month', '2026-01-15', '2026-01-31'],
      ['month', '2026-02-01', undefined],
      ['month', '2026-03-01', undefined],
      ['month', '2026-04-01', undefined],
      ['month', '2026-05-01', undefined],
      ['month', '2026-06-01', '2026-06-20'],
    ]);
    const years = slotSpans(daysFrom('2019-12-31', '2026-12-31'), '2026-12-31', ZONE);
    expect(years.map(({ kind, day, until }) => [kind, day, until]).slice(0, 2)).toEqual([
      ['year', '2019-12-31', '2019-12-31'],
      ['year', '2020-01-01', undefined],
    ]);
    expect(years.at(-1)).toMatchObject({ day: '2026-01-01' });
    expect(years.at(-1)?.until).toBeUndefined();
  });

  it.each(['Europe/Bucharest', 'America/Santiago', 'Asia/Kathmandu', 'Pacific/Auckland'])(
    'follow each other without a gap in %s',
    (zone) => {
      for (const period of ['day', 'week', 'month', 'quarter', 'year', '3days', '30days', '300days', '3000days'] as const) {
        const spans = slotSpans(period, '2026-09-06', zone);
        const bounds = periodBounds(period, '2026-09-06', zone);
        expect(spans[0]?.start).toBe(bounds.start);
        expect(spans.at(-1)?.end).toBe(bounds.end);
        spans.slice(1).forEach((span, index) => expect(span.start).toBe(spans[index]?.end));
      }
    },
  );
});
