// The changes of a log entry, in words.
import { adminMessages } from '@/lib/i18n/admin';
import { channelMessages } from '@/lib/i18n/admin/channels';
import { moment } from '@/lib/labels/moments';
import type { LogEntry } from '@/lib/transport/admin-types';

/** A changed field with its values as text; null on a side that the log entry leaves out. */
export type Change = { field: string; before: string | null; after: string | null };

const FIELDS: Record<string, string> = adminMessages.devices.fields;
/** Values that the screens show as a word. */
const WORDS: Record<string, Record<string, string>> = {
  status: adminMessages.devices.statuses,
  device_type: adminMessages.devices.types,
  reading_kind: adminMessages.devices.kinds,
  quantity: channelMessages.quantities,
  flow: channelMessages.flows,
};

export function changesOf(entry: LogEntry, names: ReadonlyMap<string, string>): Change[] {
  const fields = [...new Set([...Object.keys(entry.old_values), ...Object.keys(entry.new_values)])];
  return fields.flatMap((field) => {
    const before = entry.old_values[field];
    const after = entry.new_values[field];
    // A field that is empty before and after is no change: a new device has many.
    if (isEmpty(before) && isEmpty(after)) return [];
    const known = { before: field in entry.old_values, after: field in entry.new_values };
    return [
      {
        field: nameOf(field),
        before: known.before ? inWords(field, before, names) : null,
        after: known.after ? inWords(field, after, names) : null,
      },
    ];
  });
}

/** "export.flow" is a field of a channel, "closing.main" the register of one. */
function nameOf(field: string): string {
  const [first = '', second = ''] = field.split('.', 2);
  const ofChannel = FIELDS[second];
  if (second === '') return FIELDS[field] ?? field;
  if (ofChannel !== undefined) return `${first}: ${ofChannel}`;
  return `${FIELDS[first] ?? first}${second === 'main' ? '' : ` (${second})`}`;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || JSON.stringify(value) === '{}';
}

function inWords(field: string, value: unknown, names: ReadonlyMap<string, string>): string {
  if (isEmpty(value)) return adminMessages.log.empty;
  const name = WORDS[field.split('.').at(-1) ?? '']?.[String(value)];
  if (name !== undefined) return name;
  if (field === 'user_id') return names.get(String(value)) ?? String(value);
  if (field === 'replaced_at') return moment(String(value));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
