import { describe, expect, it } from 'vitest';
import { changed, dayOfHour, shownPeriod } from './address';

const after = (before: string, change: Parameters<typeof changed>[1]) => changed(new URLSearchParams(before), change).toString();

describe('a change of the address', () => {
  it('of the device removes the choices of the former device, and keeps a comparison with another time', () => {
    expect(after('device=a&hide=x&compare=b&hour=h', { device: 'c' })).toBe('device=c');
    expect(after('device=a&compare=year', { device: 'c' })).toBe('device=c&compare=year');
  });

  it('to the same device keeps the comparison', () => {
    expect(after('device=a&compare=b', { device: 'a' })).toBe('device=a&compare=b');
  });

  it('of date or period closes the opened hour', () => {
    expect(after('date=2026-03-10&hour=h', { date: '2026-03-11' })).toBe('date=2026-03-11');
    expect(after('period=month&hour=h', { period: 'day' })).toBe('');
  });

  it('leaves out values that are the default', () => {
    expect(after('view=table&heat=weekdays&hide=a%2Cb', { table: false, weekdays: false, hidden: [] })).toBe('');
  });

  it('of the bars of a day stays with another date and period', () => {
    const power = after('date=2026-03-10', { bars: 'power' });
    expect(power).toBe('date=2026-03-10&resolution=quarter&unit=kw');
    expect(after(power, { bars: 'quarter' })).toBe('date=2026-03-10&resolution=quarter');
    expect(after(power, { date: '2026-03-11', period: 'week' })).toBe('date=2026-03-11&resolution=quarter&unit=kw&period=week');
    expect(after(power, { bars: 'hour' })).toBe('date=2026-03-10');
  });

  it('to an own range names its days, and a step moves them without changing their number', () => {
    const range = after('date=2026-03-10&period=month&hour=h', { range: { from: '2026-01-15', to: '2026-06-20' } });
    expect(range).toBe('date=2026-06-20&period=range&from=2026-01-15&to=2026-06-20');
    expect(after(range, { date: '2026-06-21' })).toBe('date=2026-06-21&period=range&from=2026-01-16&to=2026-06-21');
    expect(after(range, { period: 'month' })).toBe('date=2026-06-20&period=month');
    expect(after(range, { period: 'all' })).toBe('date=2026-06-20&period=all');
  });

  it('leaves the given address as it is', () => {
    const before = new URLSearchParams('device=a');
    changed(before, { device: 'b' });
    expect(before.get('device')).toBe('a');
  });
});

it('a link that names an hour alone opens the day of that hour in the device’s zone', () => {
  expect(dayOfHour('2026-11-22T22:30:00Z', 'Europe/Bucharest')).toBe('2026-11-23');
  expect(dayOfHour('noon', 'UTC')).toBeNull();
  expect(dayOfHour(null, 'UTC')).toBeNull();
});

function periodIn(address: string, first: string | null = '2025-03-03') {
  const { period, date, allTime } = shownPeriod(new URLSearchParams(address), '2026-11-28', first, 'UTC');
  return [period, date, allTime];
}

describe('the period of an address', () => {
  it('is a day, or as before the periods with a length came', () => {
    expect(periodIn('')).toEqual(['day', '2026-11-28', false]);
    expect(periodIn('period=month&date=2026-02-10')).toEqual(['month', '2026-02-10', false]);
    expect(periodIn('hour=2026-02-10T08:00:00Z')).toEqual(['day', '2026-02-10', false]);
  });

  it('is a number of days that ends on the date', () => {
    expect(periodIn('period=7days')).toEqual(['7days', '2026-11-28', false]);
    expect(periodIn('period=30days&date=2026-02-10')).toEqual(['30days', '2026-02-10', false]);
  });

  it('is a range from a day to a day, in either order', () => {
    expect(periodIn('period=range&from=2026-02-01&to=2026-02-10')).toEqual(['10days', '2026-02-10', false]);
    expect(periodIn('period=range&from=2026-02-10&to=2026-02-01')).toEqual(['10days', '2026-02-10', false]);
    expect(periodIn('period=range&from=2026-02-10&to=2026-02-10')).toEqual(['day', '2026-02-10', false]);
  });

  it('is a day where a range lacks one of its days', () => {
    expect(periodIn('period=range&from=2026-02-30&to=2026-03-10&date=2026-03-10')).toEqual(['day', '2026-03-10', false]);
  });

  it('is all time since the first reading, and today where nothing was read yet', () => {
    expect(periodIn('period=all&date=2020-01-01')).toEqual(['636days', '2026-11-28', true]);
    expect(periodIn('period=all', null)).toEqual(['day', '2026-11-28', true]);
    expect(periodIn('period=all', '2027-01-01')).toEqual(['day', '2026-11-28', true]);
  });
});
