import { expect, it } from 'vitest';
import { slotSpans } from '@/lib/energy/periods';
import { slotsOf } from '@/lib/energy/slots';
import { aDay, hoursOf, withEstimate } from '@/testing/days';
import { seriesPoints } from '@/testing/series';
import { barEntries } from './legend';

const NOW = Date.parse('2026-11-22T12:30:00Z');
const labels = (entries: readonly { label: string }[]) => entries.map(({ label }) => label);

it('every day with readings has a legend, also one that is over and complete', () => {
  const over = hoursOf(aDay('2026-11-20', 'UTC', () => 1.5), NOW);
  expect(labels(barEntries(over, true, null, null))).toEqual(['Measured']);
  expect(labels(barEntries(over, true, 1, 'Previous day'))).toEqual(['Measured', 'Previous day', 'Limit 1 kWh', 'Over the limit']);
});

it('a day without a finished hour names only the hour in progress', () => {
  const first = hoursOf(aDay('2026-11-22', 'UTC', (i) => (i === 0 ? 1 : null)), Date.parse('2026-11-22T00:30:00Z'));
  expect(labels(barEntries(first, true, null, null))).toEqual(['In progress']);
});

it('estimated energy is named for one device and for several, and exceeds no limit', () => {
  const day = hoursOf(withEstimate(aDay('2026-11-20', 'UTC', (i) => (i === 5 ? 9 : 1)), 5), NOW);
  expect(labels(barEntries(day, true, 4, null))).toEqual(['Measured', 'Limit 4 kWh', 'Estimated']);
  expect(labels(barEntries(day, false, null, null))).toEqual(['Estimated']);
});

it('one device’s bars of a month are named; those of several are named by their own colours beside it', () => {
  const spans = slotSpans('month', '2026-10-10', 'UTC');
  const slots = slotsOf(spans, seriesPoints(spans, () => 10, () => 24), NOW);
  expect(labels(barEntries(slots, true, null, null))).toEqual(['Measured']);
  expect(labels(barEntries(slots, false, null, null))).toEqual([]);
});
