// A table as CSV (RFC 4180), and a file for the person at the screen.

export type Field = string | number | null;

export function toCsv(rows: readonly (readonly Field[])[]): string {
  return rows.map((row) => `${row.map(written).join(',')}\r\n`).join('');
}

/**
 * First characters that spreadsheets take for a formula, in Latin and in full-width type, and the apostrophe itself,
 * so that an escaped text differs from one that began so. The service's rule for its CSV files is the same.
 */
const ESCAPED = /^[=+\-@\t\r\n'＝＋－＠]/;

function written(field: Field): string {
  if (field === null) return '';
  if (typeof field === 'number') return String(field);
  const safe = ESCAPED.test(field) ? `'${field}` : field;
  // Each text is quoted: where semicolons separate cells, a text with one would break into two.
  return `"${safe.replaceAll('"', '""')}"`;
}

function plain(text: string): string {
  const letters = text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return letters.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '').toLowerCase();
}

/** "flat-12-main-meter_2026-11": safe in every file system. */
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
