// The values of the form, as the service expects them.
import type { DeviceType } from '@/lib/transport/admin-types';
import type { DeviceValues } from '../queries';

export const FORM_FIELDS = [
  'name',
  'serial_number',
  'device_type',
  'location',
  'description',
  'manufacturer',
  'model',
  'max_consumption',
  'max_power_kw',
  'timezone',
  'interval_seconds',
  'reading_kind',
  'register_digits',
  'purchase_date',
  'deploy_date',
  'last_maintenance_date',
  'specifications',
] as const;

export type FormField = (typeof FORM_FIELDS)[number];
export type FormTexts = Record<FormField, string>;

/** Fields that have no value while they are empty. */
const NULLABLE = new Set<FormField>([
  'max_consumption',
  'max_power_kw',
  'register_digits',
  'purchase_date',
  'deploy_date',
  'last_maintenance_date',
]);
const NUMBERS = new Set<FormField>(['max_consumption', 'max_power_kw', 'register_digits', 'interval_seconds']);
/** Fields whose value the platform chooses while they are empty. */
const DEFAULTED = new Set<FormField>(['timezone', 'interval_seconds']);

/** Return the JSON object of the text, an empty one for an empty text; null if the text is no JSON object. */
export function parseSpecifications(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Return the number that was typed, with a point or a comma; any other text as it is, so that the service names it in its rejection. */
function numberOf(text: string): number | string {
  const value = Number(text.replace(',', '.'));
  return Number.isFinite(value) ? value : text;
}

export function deviceValues(texts: FormTexts): DeviceValues {
  const values: Record<string, unknown> = {};
  for (const field of FORM_FIELDS) {
    const text = texts[field].trim();
    if (field === 'specifications') values[field] = parseSpecifications(text) ?? {};
    else if (text === '' && DEFAULTED.has(field)) continue;
    else if (text === '' && NULLABLE.has(field)) values[field] = null;
    else values[field] = NUMBERS.has(field) ? numberOf(text) : text;
  }
  return values as DeviceValues & { device_type: DeviceType };
}
