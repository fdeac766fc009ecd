import { expect, it } from 'vitest';
import { readCases } from '@/testing/cases';
import { fileName, toCsv } from './csv';

it('texts are quoted, numbers are not, and unknown values are empty', () => {
  expect(toCsv([['start', 'kwh'], ['a "b", c', 1.5], ['', null]])).toBe('"start","kwh"\r\n"a ""b"", c",1.5\r\n"",\r\n');
});

it.each(readCases<{ text: string; cell: string }[]>('csv/formula_cells.json'))('$text is written so that no spreadsheet runs it', ({ text, cell }) => {
  expect(toCsv([[text, -2]])).toBe(`"${cell.replaceAll('"', '""')}",-2\r\n`);
});

it('names of files have only characters that every system accepts', () => {
  expect(fileName('Flat 12, main/meter', '2026-11')).toBe('flat-12-main-meter_2026-11');
  expect(fileName('Încălzire', '')).toBe('incalzire');
});
