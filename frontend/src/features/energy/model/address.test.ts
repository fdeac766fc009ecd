import { describe, expect, it } from 'vitest';
import { changed, dayOfHour } from './address';

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
