import { expect, it } from 'vitest';
import { periodBounds } from '@/lib/energy/periods';
import { zoneToName } from './zones';

const BUCHAREST = 'Europe/Bucharest';
const day = periodBounds('day', '2026-03-10', BUCHAREST);

it('the zone of a meter is named to a reader with another clock, and not to one with the same', () => {
  expect(zoneToName(BUCHAREST, day, [BUCHAREST], 'America/New_York')).toBe('Europe/Bucharest (UTC+2)');
  expect(zoneToName(BUCHAREST, day, [BUCHAREST], BUCHAREST)).toBeNull();
  expect(zoneToName(BUCHAREST, day, [BUCHAREST], 'Europe/Athens')).toBeNull();
});

it('the zone is named where devices of several clocks are shown in one', () => {
  expect(zoneToName(BUCHAREST, day, [BUCHAREST, 'Europe/Berlin'], BUCHAREST)).toBe('Europe/Bucharest (UTC+2)');
});

it('a time with a change of the clock has no single offset', () => {
  const month = periodBounds('month', '2026-03-10', BUCHAREST);
  expect(zoneToName(BUCHAREST, month, [], 'UTC')).toBe(BUCHAREST);
});
