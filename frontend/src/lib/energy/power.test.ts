import { describe, expect, it } from 'vitest';
import { firstHourOf, powerNow, powerOfAll, readingEnd } from './power';

const NOW = Date.parse('2026-11-22T12:12:00Z');
const meter = {
  reading_kind: 'interval',
  interval_seconds: 600,
  last_reading_at: '2026-11-22T12:00:00Z',
  last_reading_value: 0.2,
};

describe('the power now', () => {
  it('is the energy of the last interval over its length', () => {
    expect(powerNow(meter, NOW)).toBeCloseTo(1.2);
    expect(powerNow({ ...meter, interval_seconds: 3600 }, NOW)).toBeCloseTo(0.2);
    expect(powerNow({ ...meter, last_reading_value: 0 }, NOW)).toBe(0);
  });

  it('is unknown after an old reading, a register or no reading at all', () => {
    expect(powerNow(meter, NOW + 3_600_000)).toBeNull();
    expect(powerNow({ ...meter, reading_kind: 'cumulative' }, NOW)).toBeNull();
    expect(powerNow({ ...meter, last_reading_at: null, last_reading_value: null }, NOW)).toBeNull();
  });

  it('was measured at the end of the interval, and of a register at its instant', () => {
    expect(readingEnd(meter)).toBe(Date.parse('2026-11-22T12:10:00Z'));
    expect(readingEnd({ ...meter, reading_kind: 'cumulative' })).toBe(Date.parse('2026-11-22T12:00:00Z'));
    expect(readingEnd({ ...meter, last_reading_at: null })).toBeNull();
  });

  it('of all devices is their sum, and none while one of them is late', () => {
    expect(powerOfAll([meter, meter], NOW)).toBeCloseTo(2.4);
    expect(powerOfAll([meter, { ...meter, last_reading_at: '2026-11-22T09:00:00Z' }], NOW)).toBeNull();
    expect(powerOfAll([], NOW)).toBeNull();
  });
});

it('the first hour of several devices is their earliest one, and there is none while no device has sent', () => {
  expect(firstHourOf([{ first_hour: '2026-03-01T00:00:00Z' }, { first_hour: null }])).toBe(Date.parse('2026-03-01T00:00:00Z'));
  expect(firstHourOf([{ first_hour: null }])).toBe(Infinity);
});
