import { describe, expect, it } from 'vitest';
import { dayAfter, firstDay, parsePeriod, periodBounds, samePeriod, shift, slotSpans, weekNumber } from './periods';

const ZONE = 'Europe/Bucharest';

it('an unknown period in the address is a day', () => {
  expect([null, 'decade', 'month'].map(parsePeriod)).toEqual(['day', 'day', 'month']);
});

it('weeks begin on Monday, months and years on their first day', () => {
  expect(firstDay('week', '2026-11-22')).toBe('2026-11-16');
  expect(firstDay('week', '2026-11-16')).toBe('2026-11-16');
  expect(firstDay('month', '2026-11-22')).toBe('2026-11-01');
  expect(firstDay('year', '2026-11-22')).toBe('2026-01-01');
  expect(dayAfter('month', '2028-02-10')).toBe('2028-03-01');
  expect(samePeriod('week', '2026-12-31', '2027-01-01')).toBe(true);
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
  });

  it.each(['Europe/Bucharest', 'America/Santiago', 'Asia/Kathmandu', 'Pacific/Auckland'])(
    'follow each other without a gap in %s',
    (zone) => {
      for (const period of ['day', 'week', 'month', 'year'] as const) {
        const spans = slotSpans(period, '2026-09-06', zone);
        const bounds = periodBounds(period, '2026-09-06', zone);
        expect(spans[0]?.start).toBe(bounds.start);
        expect(spans.at(-1)?.end).toBe(bounds.end);
        spans.slice(1).forEach((span, index) => expect(span.start).toBe(spans[index]?.end));
      }
    },
  );
});
