import { expect, it } from 'vitest';
import { readCases } from '@/testing/cases';
import { fileName, toCsv } from './csv';
import type { Column, Table, Value } from './table';

const COLUMNS: Column[] = [
  { head: 'Start', kind: 'local' },
  { head: 'Start (UTC)', kind: 'utc' },
  { head: 'Device', kind: 'text' },
  { head: 'Energy', kind: 'kwh' },
  { head: 'Hours', kind: 'count' },
  { head: 'Share', kind: 'share' },
];
const tableOf = (...rows: Value[][]): Table => ({ name: 'Energy', zone: 'Europe/Bucharest', columns: COLUMNS, rows });
const at = Date.parse('2026-10-25T01:00:00Z');
const ROW = [at, at, 'Flat "12"; left, back', 1.5, 24, 0.4567];

it('an English file has commas, decimal points, local time beside UTC, and the mark of UTF-8', () => {
  expect(toCsv(tableOf(ROW, [null, null, '', null, null, null]), 'en')).toBe(
    '\uFEFF"Start","Start (UTC)","Device","Energy","Hours","Share"\r\n' +
      '2026-10-25 03:00:00,2026-10-25T01:00:00Z,"Flat ""12""; left, back",1.5,24,45.7%\r\n' +
      ',,"",,,\r\n',
  );
});

it('a Romanian file has semicolons and decimal commas', () => {
  expect(toCsv(tableOf(ROW), 'ro').split('\r\n')[1]).toBe('2026-10-25 03:00:00;2026-10-25T01:00:00Z;"Flat ""12""; left, back";1,5;24;45,7%');
});

it('the two equal hours of a 25-hour day differ in UTC', () => {
  const first = Date.parse('2026-10-25T00:00:00Z');
  const lines = toCsv(tableOf([first, first], [at, at]), 'en').split('\r\n');
  expect(lines.slice(1, 3).map((line) => line.split(',').slice(0, 2))).toEqual([
    ['2026-10-25 03:00:00', '2026-10-25T00:00:00Z'],
    ['2026-10-25 03:00:00', '2026-10-25T01:00:00Z'],
  ]);
});

it.each([
  [0, '0'],
  [-0, '0'],
  [0.000_001, '0.000001'],
  [0.1 + 0.2, '0.3'],
  [100, '100'],
  [1000.5, '1000.5'],
  [-2.25, '-2.25'],
  [123_456_789.123_456, '123456789.123456'],
  [999_999_999.999_999, '999999999.999999'],
  [4_000_000_000.000_001, '4000000000.000001'],
])('%d kWh are written as the exact decimal %s', (kwh, text) => {
  expect(toCsv(tableOf([null, null, '', kwh]), 'en').split('\r\n')[1]).toBe(`,,"",${text},,`);
});

it.each(readCases<{ text: string; cell: string }[]>('csv/formula_cells.json'))('$text is written so that no spreadsheet runs it', ({ text, cell }) => {
  expect(toCsv({ ...tableOf([text]), columns: [{ head: text, kind: 'text' }] }, 'en')).toBe(
    `\uFEFF"${cell.replaceAll('"', '""')}"\r\n"${cell.replaceAll('"', '""')}"\r\n`,
  );
});

it('names of files have only characters that every system accepts', () => {
  expect(fileName('Flat 12, main/meter', '2026-11-01', '2026-11-30')).toBe('flat-12-main-meter_2026-11-01_2026-11-30');
  expect(fileName('Încălzire', '')).toBe('incalzire');
});
