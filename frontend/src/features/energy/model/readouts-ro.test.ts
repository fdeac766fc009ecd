// The language is chosen when the modules load, so this file loads them in Romanian.
import { beforeAll, expect, it, vi } from 'vitest';
import { writePreference } from '@/lib/browser/preferences';
import { slotSpans } from '@/lib/energy/periods';
import { slotsOf } from '@/lib/energy/slots';
import { seriesPoints } from '@/testing/series';

const NOW = Date.parse('2026-11-22T10:30:00Z');

async function inRomanian() {
  writePreference('language', 'ro');
  vi.resetModules();
  return {
    ...(await import('./readouts')),
    ...(await import('./export')),
    ...(await import('@/lib/labels/period-labels')),
    ...(await import('@/lib/labels/freshness')),
  };
}

let words: Awaited<ReturnType<typeof inRomanian>>;
beforeAll(async () => {
  words = await inRomanian();
});

const slots = (period: 'month' | 'year', day: string, kwh: number) => {
  const spans = slotSpans(period, day, 'UTC');
  return slotsOf(spans, seriesPoints(spans, () => kwh, (i) => ((spans[i]?.end ?? 0) - (spans[i]?.start ?? 0)) / 3_600_000), NOW);
};
const october = () => ({ name: words.periodName('month', '2026-10-01'), slots: slots('month', '2026-10-01', 2) });

it('a month is in lower case in a sentence and in the head of a file, and has a capital letter where it stands alone', () => {
  const september = slots('month', '2026-09-01', 3);
  expect(words.periodTitle('month', '2026-10-01')).toBe('Octombrie 2026');
  expect(words.comparisonParts(september, october(), 'day')).toEqual([
    'cu 30,0 kWh mai mult (50\u00a0%) față de octombrie 2026',
    'pentru aceleași 30 de zile',
  ]);
  const compared = { name: october().name, values: [] };
  const { columns } = words.shownTable({
    period: 'month', kind: 'day', zone: 'UTC', single: true, limit: null, inPower: false, name: 'Casa', deviceId: null, title: '', slots: september, layers: [], compared,
  });
  expect(columns.at(-1)?.head).toBe('Diferență față de octombrie 2026 (kWh)');
});

it('the highest month is named in the middle of the line, and a month of the table alone', () => {
  const year = slots('year', '2025-05-05', 300);
  expect(words.periodReadout(year, { period: 'year', kind: 'month', zone: 'UTC', single: true, limit: null, inPower: false })[1]).toBe('vârf 300 kWh în ianuarie 2025');
  expect(year.map((slot) => words.slotTitle(slot, 'UTC'))[9]).toBe('Octombrie 2025');
});

it('an age follows the rules of the language, in a sentence and beside a large number', () => {
  const ago = (hours: number) => NOW - hours * 3_600_000;
  expect(words.updatedText(ago(1), NOW)).toBe('Actualizat acum 1 h');
  expect(words.updatedText(NOW, NOW)).toBe('Actualizat chiar acum');
  expect(words.updatedText(ago(25 * 24), NOW)).toBe('Actualizat acum 25 de zile');
  expect(words.ageParts(ago(25 * 24), NOW)).toEqual({ value: '25', unit: 'de zile în urmă' });
});
