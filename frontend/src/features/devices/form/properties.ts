// The further properties of a device as rows of name and value, and back.
export type PropertyRow = { key: number; name: string; value: string };

/** Return the rows of stored properties; numbers and nested values are written as JSON. */
export function rowsOf(properties: Readonly<Record<string, unknown>>): PropertyRow[] {
  return Object.entries(properties).map(([name, value], key) => ({ key, name, value: textOf(value) }));
}

/**
 * Return the properties of the rows; null if a name is missing or stands twice. An untouched value keeps its type, a new
 * one is a number, true or false if it looks like one, else a text.
 */
export function propertiesOf(rows: readonly PropertyRow[], stored: Readonly<Record<string, unknown>>): Record<string, unknown> | null {
  const filled = rows.filter(({ name, value }) => name.trim() !== '' || value.trim() !== '');
  const names = filled.map(({ name }) => name.trim());
  if (names.includes('') || new Set(names).size < names.length) return null;
  return Object.fromEntries(
    filled.map(({ value }, index) => {
      const name = names[index] ?? '';
      return [name, name in stored && textOf(stored[name]) === value ? stored[name] : valueOf(value.trim())];
    }),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  // Only numbers that come back as they were typed: "007" is no number.
  return text !== '' && String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
}
