// Tables as an Excel workbook, a sheet each. Loaded when the first one is made.
//
// Numbers of a workbook are binary doubles, of which spreadsheets show 15 digits. A number with more digits is written
// as text, so that none is lost. Dates have no zone: local times are those of the table's zone, UTC has its own column.
import writeExcelFile, { type Cell } from 'write-excel-file/universal';
import { localTime } from '@/lib/energy/days';
import { exactKwh } from '@/lib/energy/kwh';
import type { Kind, Table, Value } from './table';

const MOST_DIGITS = 15;
const DATE_FORMAT = 'yyyy-mm-dd hh:mm:ss';
const WIDTHS: Record<Kind, number> = { text: 24, count: 12, kwh: 14, share: 12, utc: 20, local: 20 };

export function toXlsx(tables: readonly Table[]): Promise<Blob> {
  const sheets = tables.map(({ name, zone, columns, rows }) => ({
    sheet: sheetName(name),
    data: [
      columns.map(({ head }): Cell => ({ value: printable(head), type: String, fontWeight: 'bold', wrap: true })),
      ...rows.map((row) => columns.map(({ kind }, index) => cellOf(row[index] ?? null, kind, zone))),
    ],
    columns: columns.map(({ kind }) => ({ width: WIDTHS[kind] })),
    stickyRowsCount: 1,
  }));
  return writeExcelFile(sheets).toBlob();
}

function cellOf(value: Value, kind: Kind, zone: string): Cell {
  if (value === null) return null;
  if (typeof value === 'string') return { value: printable(value), type: String };
  switch (kind) {
    case 'utc':
      return { value: new Date(value), type: Date, format: DATE_FORMAT };
    case 'local':
      return { value: new Date(`${localTime(value, zone).replace(' ', 'T')}Z`), type: Date, format: DATE_FORMAT };
    case 'kwh':
      return energyCell(value);
    case 'share':
      return { value, type: Number, format: '0.0%' };
    default:
      return { value, type: Number };
  }
}

function energyCell(kwh: number): Cell {
  const exact = exactKwh(kwh);
  const digits = exact.replaceAll(/[-.]/g, '').replace(/^0+/, '').length;
  return digits > MOST_DIGITS ? { value: exact, type: String } : { value: kwh, type: Number, format: '0.000###' };
}

/** Return the text without control characters, which no workbook may hold. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n\r]/gu, '');
}

/** Return the name without the characters that Excel forbids there, and as long as it allows. */
function sheetName(name: string): string {
  return name.replaceAll(/[[\]/\\:*?]+/g, ' ').slice(0, 31);
}
