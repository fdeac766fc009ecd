import { zip } from 'fflate';
import { unzipSync } from 'fflate/browser';
import { expect, it } from 'vitest';
import type { Column, Table, Value } from './table';
import { toXlsx } from './xlsx';
import { zip as zipAtOnce } from './zip-at-once';

const COLUMNS: Column[] = [
  { head: 'Start (local)', kind: 'local' },
  { head: 'Start (UTC)', kind: 'utc' },
  { head: 'Device', kind: 'text' },
  { head: 'Energy', kind: 'kwh' },
  { head: 'Hours', kind: 'count' },
  { head: 'Share', kind: 'share' },
];
const tableOf = (name: string, ...rows: Value[][]): Table => ({ name, zone: 'Europe/Bucharest', columns: COLUMNS, rows });

type Read = { sheets: string[]; cells: (string | number | null)[][][]; formats: string[] };

const all = (root: Document | Element, name: string) => [...root.getElementsByTagName(name)];

/** Read a workbook as a spreadsheet does: texts by the table of shared texts, numbers as numbers. */
async function read(file: Blob): Promise<Read> {
  const parts = unzipSync(new Uint8Array(await file.arrayBuffer()));
  const xml = (path: string) => new DOMParser().parseFromString(new TextDecoder().decode(parts[path]), 'text/xml');
  const shared = all(xml('xl/sharedStrings.xml'), 'si').map((text) => text.textContent);
  const sheets = all(xml('xl/workbook.xml'), 'sheet').map((sheet) => sheet.getAttribute('name') ?? '');
  const valueOf = (cell: Element): string | number | null => {
    const value = all(cell, 'v')[0]?.textContent ?? null;
    if (all(cell, 'f').length > 0) throw new Error('a formula');
    if (cell.getAttribute('t') === 's') return shared[Number(value)] ?? null;
    if (cell.getAttribute('t') === 'inlineStr') return cell.textContent;
    return value === null ? null : Number(value);
  };
  const cells = sheets.map((_, index) => all(xml(`xl/worksheets/sheet${index + 1}.xml`), 'row').map((row) => all(row, 'c').map(valueOf)));
  const formats = all(xml('xl/styles.xml'), 'numFmt').map((format) => format.getAttribute('formatCode') ?? '');
  return { sheets, cells, formats };
}

/** Return the time of a cell, which holds the days since 30 December 1899, to the second. */
const timeOf = (days: unknown) =>
  new Date(Math.round(Number(days) * 86_400) * 1000 + Date.parse('1899-12-30T00:00:00Z')).toISOString().slice(0, 19);

it('a workbook has a sheet for each table, with numbers as numbers and times as times', async () => {
  const at = Date.parse('2026-10-24T22:00:00Z');
  const { sheets, cells, formats } = await read(
    await toXlsx([tableOf('Energy', [at, at, 'Flat <12> & "left"', 1.5, 24, 0.25]), tableOf('Totals [kWh] 2026/10: a name that is too long')]),
  );

  expect(sheets).toEqual(['Energy', 'Totals  kWh  2026 10  a name th']);
  const [heads, row] = cells[0] ?? [];
  expect(heads).toEqual(COLUMNS.map(({ head }) => head));
  expect(row?.slice(0, 2).map(timeOf)).toEqual(['2026-10-25T01:00:00', '2026-10-24T22:00:00']);
  expect(row?.slice(2)).toEqual(['Flat <12> & "left"', 1.5, 24, 0.25]);
  expect(formats).toEqual(expect.arrayContaining(['yyyy-mm-dd hh:mm:ss', '0.000###', '0.0%']));
});

it('an unknown value is an empty cell and not zero', async () => {
  const { cells } = await read(await toXlsx([tableOf('Energy', [null, null, 'Flat', null, 0, null])]));
  expect(cells[0]?.[1]?.filter((cell) => cell !== null)).toEqual(['Flat', 0]);
});

it('energy with more digits than a spreadsheet shows is an exact text', async () => {
  const kwhs = [999_999_999.999_999, 1_234_567_890.123_456];
  const { cells } = await read(await toXlsx([{ ...tableOf('Energy', ...kwhs.map((kwh) => [kwh])), columns: [{ head: 'Energy', kind: 'kwh' }] }]));
  expect(cells[0]).toEqual([['Energy'], [999_999_999.999_999], ['1234567890.123456']]);
});

it('a text that looks like a formula stays a text, and control characters are left out', async () => {
  const names = ['=1+1', '@SUM(A1)', '-2', `a${String.fromCodePoint(0)}b${String.fromCodePoint(27)}c`];
  const { cells } = await read(await toXlsx([{ ...tableOf('Energy', ...names.map((name) => [name])), columns: [{ head: '=HEAD', kind: 'text' }] }]));
  expect(cells[0]?.flat()).toEqual(['=HEAD', '=1+1', '@SUM(A1)', '-2', 'abc']);
});

it('a large workbook holds every row', async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => [index * 3_600_000, index * 3_600_000, `device ${index}`, index / 8, 1, 0.5]);
  const { cells } = await read(await toXlsx([tableOf('Energy', ...rows)]));
  expect(cells[0]).toHaveLength(3_001);
  expect(cells[0]?.at(-1)?.slice(2)).toEqual(['device 2999', 2_999 / 8, 1, 0.5]);
});

it('workbooks are compressed without workers, which the page may not start', () => {
  expect(zip).toBe(zipAtOnce);
});
