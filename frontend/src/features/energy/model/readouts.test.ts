import { expect, it } from 'vitest';
import { hoursOf } from '@/lib/energy/energy-day';
import { aDay } from '@/testing/days';
import { dayReadout, hourReadout, trendReadout } from './readouts';

const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);
const today = (kwhAt: (i: number) => number | null, now: number) => hoursOf(aDay('2026-11-22', 'UTC', kwhAt), now);
const yesterday = (kwhAt: (i: number) => number | null) => hoursOf(aDay('2026-11-21', 'UTC', kwhAt), at('12:00:00'));

it('an hour says how far it is over the limit, and that it is not over yet', () => {
  const hours = today((i) => (i < 3 ? 1.75 : null), at('02:30:00'));
  const [first, , third, fourth] = hours;
  if (first === undefined || third === undefined || fourth === undefined) throw new Error('a day has hours');

  expect(hourReadout(first, 'UTC', 1.5)).toEqual(['00:00 – 01:00', '1.8 kWh', '0.25 over the limit', '6 readings']);
  expect(hourReadout(third, 'UTC', null)).toEqual(['02:00 – 03:00', '1.8 kWh', 'in progress', '6 readings']);
  expect(hourReadout(fourth, 'UTC', 1.5)).toEqual(['03:00 – 04:00', 'still to come']);
});

it('the day names missing hours and a limit too high to draw', () => {
  const hours = today((i) => (i === 1 ? null : 0.5), at('23:59:00'));
  expect(dayReadout(hours, 'UTC', 40)).toEqual([
    '0.50 kWh an hour on average',
    'highest 0.50 kWh at 00:00',
    '1 hour without readings',
    'limit 40 kWh, above the scale',
  ]);
});

it('today is compared like for like, with the hours that are over', () => {
  const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
  expect(trendReadout(now, yesterday(() => 1.5), null, 'UTC')).toEqual([
    '1.0 kWh less than the day before',
    'compared until 02:00',
  ]);
  expect(trendReadout(now, yesterday(() => 1.001), null, 'UTC')[0]).toBe('About the same as the day before');
});

it('nothing is compared with a day that has holes, and nothing said of one that is not known', () => {
  const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
  expect(trendReadout(now, yesterday((i) => (i === 0 ? null : 1)), null, 'UTC')).toEqual([
    'Day before: nothing complete to compare with',
  ]);
  expect(trendReadout(now, [], null, 'UTC')).toEqual([]);
});

it('a comparison says how far both have come, while the difference stands above the bars', () => {
  const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
  expect(trendReadout(now, yesterday(() => 1.5), null, 'UTC', 'Roof')).toEqual(['Until 02:00', '2.0 kWh', '3.0 kWh Roof']);
});

it('a chosen hour gives the total at its end on both days', () => {
  const now = today((i) => (i < 3 ? 1 : null), at('02:30:00'));
  expect(trendReadout(now, yesterday(() => 2), 1, 'UTC')).toEqual(['Until 02:00', '2.0 kWh', '4.0 kWh the day before']);
});
