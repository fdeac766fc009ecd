// What a log entry changed, in words.
import { ta } from '@/lib/i18n/admin';
import type { LogEntry } from '@/lib/transport/admin-types';

/** null: there was, or is, nothing to say on that side. */
export type Change = { field: string; before: string | null; after: string | null };

const FIELDS: Record<string, string> = ta.devices.fields;
/** Values that people know by a word. */
const WORDS: Record<string, Record<string, string>> = {
  status: ta.devices.statuses,
  device_type: ta.devices.types,
  reading_kind: ta.devices.kinds,
};

export function changesOf(entry: LogEntry, names: ReadonlyMap<string, string>): Change[] {
  const fields = [...new Set([...Object.keys(entry.old_values), ...Object.keys(entry.new_values)])];
  return fields.flatMap((field) => {
    const before = entry.old_values[field];
    const after = entry.new_values[field];
    // What a new device left open, or a deleted one never had, says nothing.
    if (isEmpty(before) && isEmpty(after)) return [];
    const known = { before: field in entry.old_values, after: field in entry.new_values };
    return [
      {
        field: FIELDS[field] ?? field,
        before: known.before ? inWords(field, before, names) : null,
        after: known.after ? inWords(field, after, names) : null,
      },
    ];
  });
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || JSON.stringify(value) === '{}';
}

function inWords(field: string, value: unknown, names: ReadonlyMap<string, string>): string {
  if (isEmpty(value)) return ta.log.empty;
  const name = WORDS[field]?.[String(value)];
  if (name !== undefined) return name;
  if (field === 'user_id') return names.get(String(value)) ?? String(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
