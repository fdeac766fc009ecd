import { describe, expect, it } from 'vitest';
import { addDays, dayBounds, dayOf, hoursIn, knownZone, parseDay } from './days';

const iso = (ms: number) => new Date(ms).toISOString();

describe('a day in the address', () => {
  it.each(['2026-11-22', '2024-02-29'])('accepts %s', (day) => {
    expect(parseDay(day)).toBe(day);
  });

  it.each([null, '', 'today', '2026-2-3', '2026-02-30', '2025-02-29', '2026-13-01', '2026-11-22T10:00', '0001-01-01', '9999-12-31'])(
    'rejects %s',
    (text) => {
      expect(parseDay(text)).toBeNull();
    },
  );
});

describe('calendar arithmetic', () => {
  it('steps over months, leap days and clock changes', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(addDays('2024-03-31', 1)).toBe('2024-04-01');
    expect(addDays('2024-10-27', 1)).toBe('2024-10-28');
  });
});

describe('the local day of an instant', () => {
  it('is the device zone’s, whatever zone the browser is in', () => {
    const instant = '2026-11-22T23:30:00Z';
    expect(dayOf(instant, 'UTC')).toBe('2026-11-22');
    expect(dayOf(instant, 'Europe/Bucharest')).toBe('2026-11-23');
    expect(dayOf(instant, 'America/New_York')).toBe('2026-11-22');
    expect(dayOf(instant, 'Asia/Kathmandu')).toBe('2026-11-23');
  });
});

describe('the bounds of a day', () => {
  it('has 23 hours when the clock goes forward', () => {
    expect(hoursIn('2024-03-31', 'Europe/Amsterdam')).toBe(23);
    expect(iso(dayBounds('2024-03-31', 'Europe/Amsterdam').start)).toBe('2024-03-30T23:00:00.000Z');
  });

  it('has 25 hours when the clock goes back', () => {
    expect(hoursIn('2024-10-27', 'Europe/Amsterdam')).toBe(25);
    expect(iso(dayBounds('2024-10-27', 'Europe/Amsterdam').start)).toBe('2024-10-26T22:00:00.000Z');
  });

  it('has 24 hours otherwise, also at odd offsets', () => {
    expect(hoursIn('2026-11-22', 'Asia/Kolkata')).toBe(24);
    expect(iso(dayBounds('2026-11-22', 'Asia/Kathmandu').start)).toBe('2026-11-21T18:15:00.000Z');
  });

  it('begins at 01:00 where midnight is skipped', () => {
    const { start } = dayBounds('2024-09-08', 'America/Santiago');
    expect(iso(start)).toBe('2024-09-08T04:00:00.000Z');
    expect(hoursIn('2024-09-08', 'America/Santiago')).toBe(23);
    expect(hoursIn('2024-09-07', 'America/Santiago')).toBe(24);
  });

  it('counts the repeated last hour where the clock falls back at midnight', () => {
    expect(hoursIn('2024-04-06', 'America/Santiago')).toBe(25);
    expect(hoursIn('2024-04-07', 'America/Santiago')).toBe(24);
    expect(hoursIn('2024-11-03', 'America/Havana')).toBe(25);
  });
});

it('a zone that the browser does not know counts as UTC', () => {
  expect(knownZone('Europe/Bucharest')).toBe('Europe/Bucharest');
  expect(knownZone('Mars/Olympus')).toBe('UTC');
});
