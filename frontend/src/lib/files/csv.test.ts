import { expect, it } from 'vitest';
import { readCases } from '@/testing/cases';
import { fileName, toCsv } from './csv';

it('writes fields as every spreadsheet reads them', () => {
  expect(toCsv([['start', 'kwh'], ['a "b", c', 1.5], ['', null]])).toBe('"start","kwh"\r\n"a ""b"", c",1.5\r\n"",\r\n');
});

it.each(readCases<{ text: string; cell: string }[]>('csv/formula_cells.json'))('writes $text so that no spreadsheet runs it', ({ text, cell }) => {
  expect(toCsv([[text, -2]])).toBe(`"${cell.replaceAll('"', '""')}",-2\r\n`);
});

it('names files so that every system can keep them', () => {
  expect(fileName('Flat 12, main/meter', '2026-11')).toBe('flat-12-main-meter_2026-11');
  expect(fileName('Încălzire', '')).toBe('incalzire');
});
