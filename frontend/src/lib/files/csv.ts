// A table as CSV (RFC 4180), and a file for the person at the screen.
import { localTime } from '@/lib/energy/days';
import { exactKwh } from '@/lib/energy/kwh';
import type { Language } from '@/lib/i18n/language';
import type { Kind, Table, Value } from './table';

type Style = { separator: string; decimalSign: string };

/** The signs that spreadsheets in a language expect: with others a file opens as one column, or with texts in place of numbers. */
const STYLES: Record<Language, Style> = {
  en: { separator: ',', decimalSign: '.' },
  ro: { separator: ';', decimalSign: ',' },
};

/** The mark that tells spreadsheets that the text is UTF-8. */
const UTF_8 = '\uFEFF';

export function toCsv({ columns, rows, zone }: Table, language: Language): string {
  const style = STYLES[language];
  const lines = [
    columns.map(({ head }) => quoted(head)),
    ...rows.map((row) => columns.map(({ kind }, index) => written(row[index] ?? null, kind, zone, style))),
  ];
  return UTF_8 + lines.map((cells) => `${cells.join(style.separator)}\r\n`).join('');
}

function written(value: Value, kind: Kind, zone: string, { decimalSign }: Style): string {
  if (value === null) return '';
  if (typeof value === 'string') return quoted(value);
  switch (kind) {
    case 'utc':
      return new Date(value).toISOString().replace('.000Z', 'Z');
    case 'local':
      return localTime(value, zone);
    case 'kwh':
      return exactKwh(value).replace('.', decimalSign);
    case 'share':
      return `${(100 * value).toFixed(1).replace('.', decimalSign)}%`;
    default:
      return String(value);
  }
}

/**
 * First characters that spreadsheets take for a formula, in Latin and in full-width type, and the apostrophe itself,
 * so that an escaped text differs from one that began so. The service's rule for its CSV files is the same.
 */
const ESCAPED = /^[=+\-@\t\r\n'＝＋－＠]/;

/** Each text is quoted: where semicolons separate cells, a text with one would break into two. */
function quoted(text: string): string {
  const safe = ESCAPED.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function plain(text: string): string {
  const letters = text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return letters.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '').toLowerCase();
}

/** "flat-12-main-meter_2026-11-01_2026-11-30": safe in every file system. */
export function fileName(...parts: string[]): string {
  return parts.map(plain).filter((part) => part !== '').join('_').slice(0, 120);
}

export function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  const url = URL.createObjectURL(content);
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read the object only after the click: revoked at once, the file would be empty.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
