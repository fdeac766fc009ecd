// A table for a file: what its columns hold, and its rows.

/**
 * text; count: a whole number; kwh: energy with up to six decimals; share: a part of 1; utc and local: an instant in ms,
 * in UTC or as the clock of the table's zone shows it.
 */
export type Kind = 'text' | 'count' | 'kwh' | 'share' | 'utc' | 'local';
export type Column = { head: string; kind: Kind };
export type Value = string | number | null;

export type Table = {
  /** The name of the sheet in a workbook. */
  name: string;
  zone: string;
  columns: readonly Column[];
  rows: readonly (readonly Value[])[];
};
