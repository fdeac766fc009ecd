import { expect, it } from 'vitest';
import { slotSpans } from '@/lib/energy/periods';
import { slotsOf } from '@/lib/energy/series';
import { seriesPoints } from '@/testing/series';
import { runningReadout } from './period-readouts';

const NOW = Date.parse('2026-11-22T10:30:00Z');

function days(month: string, kwh: number) {
  const spans = slotSpans('month', `${month}-10`, 'UTC');
  return slotsOf(spans, seriesPoints(spans, (i) => (month === '2026-11' && i > 21 ? null : kwh), () => 24), NOW);
}

it('a chosen day of a month says how far the month has come, and the one before', () => {
  const before = { name: 'October 2026', slots: days('2026-10', 2) };

  expect(runningReadout(days('2026-11', 3), before, 1, 'month', 'UTC').slice(1)).toEqual(['6.0 kWh', '4.0 kWh October 2026']);
  expect(runningReadout(days('2026-11', 3), null, 25, 'month', 'UTC')).toHaveLength(1);
});
