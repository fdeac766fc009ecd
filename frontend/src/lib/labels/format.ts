// Numbers and instants as people read them. Every instant is shown in a zone that the caller
// names (the device's), never the browser's.
import type { Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';

const numberFormats = new Map<number, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** Return the number with exactly so many decimals. */
export function decimal(value: number, decimals: number): string {
  let format = numberFormats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat(t.locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    numberFormats.set(decimals, format);
  }
  // A minus, which is as wide as a digit, and not a hyphen.
  return format.format(value).replace('-', '−');
}

/** Return kWh to read: one decimal below 100, none above, below 1 two or three (0.047, 0.22, 1.2, 15.2, 650). */
export function figure(kwh: number | null): string {
  if (kwh === null) return t.none;
  if (kwh === 0) return '0';
  const size = Math.abs(kwh);
  if (size >= 99.95) return decimal(kwh, 0);
  if (size >= 0.995) return decimal(kwh, 1);
  return decimal(kwh, size >= 0.0995 ? 2 : 3);
}

/** Return a whole number as people read it: "34,560". */
export function count(n: number): string {
  return decimal(n, 0);
}

const exactFormat = new Intl.NumberFormat(t.locale, { maximumFractionDigits: 3 });

/** Return kWh that a user has set, or that are compared with it: up to three decimals, no zeros added. */
export function exact(kwh: number | null): string {
  return kwh === null ? t.none : exactFormat.format(kwh);
}

/** Return kWh for a column of numbers: always three decimals, so that the points stand below each other. */
export function aligned(kwh: number | null): string {
  return kwh === null ? t.none : decimal(kwh, 3);
}

/** Return how the kWh of a column are written: with as many decimals as its largest needs, so that their points align. */
export function columnOf(kwhs: readonly (number | null)[]): (kwh: number | null) => string {
  const largest = Math.max(0, ...kwhs.map((kwh) => Math.abs(kwh ?? 0)));
  const decimals = largest >= 99.95 ? 0 : largest >= 9.95 ? 1 : largest >= 0.0995 || largest === 0 ? 2 : 3;
  return (kwh) => (kwh === null ? t.none : decimal(kwh, decimals));
}

/** Return a power as figure and unit: "380 W", "1.23 kW". */
export function power(kw: number): { value: string; unit: string } {
  return kw < 0.9995 ? { value: decimal(kw * 1000, 0), unit: 'W' } : { value: decimal(kw, kw < 9.995 ? 2 : kw < 99.95 ? 1 : 0), unit: 'kW' };
}

/** Return "380 W", "1.23 kW". */
export function powerText(kw: number): string {
  const { value, unit } = power(kw);
  return `${value} ${unit}`;
}

const percentFormat = new Intl.NumberFormat(t.locale, { style: 'percent', maximumFractionDigits: 0 });

export function percent(share: number): string {
  return percentFormat.format(share).replace('-', '−');
}

function dateFormat(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let format = dateFormats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(t.locale, { ...options, timeZone: zone });
    dateFormats.set(key, format);
  }
  return format;
}

/** "18:00" */
export function clock(instant: number, zone: string): string {
  return dateFormat(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(instant);
}

/** "14:05:12" */
export function clockSeconds(instant: number, zone: string): string {
  return dateFormat(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(instant);
}

/** "19 Nov, 14:05" */
export function dayAndClock(instant: number, zone: string): string {
  return `${dateFormat(zone, { day: 'numeric', month: 'short' }).format(instant)}, ${clock(instant, zone)}`;
}

/** "UTC+1": the name that distinguishes two equal clock hours. */
export function offsetName(instant: number, zone: string): string {
  const parts = dateFormat(zone, { timeZoneName: 'shortOffset' }).formatToParts(instant);
  return (parts.find((part) => part.type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC');
}

function dayFormat(day: Day, options: Intl.DateTimeFormatOptions): string {
  return dateFormat('UTC', options).format(Date.parse(`${day}T00:00:00Z`));
}

/** "Sunday 22 November 2026" */
export function dayLong(day: Day): string {
  return dayFormat(day, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** "Sun 22 Nov 2026" */
export function dayMedium(day: Day): string {
  return dayFormat(day, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).replace(',', '');
}

/** "22 November" */
export function dayPlain(day: Day): string {
  return dayFormat(day, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** "22 Nov" */
export function dayShort(day: Day): string {
  return dayFormat(day, { day: 'numeric', month: 'short' });
}

/** "October 2026" */
export function monthLong(day: Day): string {
  return dayFormat(day, { month: 'long', year: 'numeric' });
}

/** "Oct" */
export function monthShort(day: Day): string {
  return dayFormat(day, { month: 'short' });
}

/** "Oct 2026" */
export function monthYearShort(day: Day): string {
  return dayFormat(day, { month: 'short', year: 'numeric' });
}

/** "Sun 22 Nov" */
export function weekdayDay(day: Day): string {
  return dayFormat(day, { weekday: 'short', day: 'numeric', month: 'short' }).replace(',', '');
}

/** "Sunday" */
export function weekdayLong(day: Day): string {
  return dayFormat(day, { weekday: 'long' });
}

/** "Sun" */
export function weekday(day: Day): string {
  return dayFormat(day, { weekday: 'short' });
}

/** Return a time to wait, for a sentence: "40 seconds", "3 minutes". */
export function waiting(seconds: number): string {
  const [n, unit] = seconds < 90 ? [Math.ceil(seconds), 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(t.locale, { style: 'unit', unit, unitDisplay: 'long' }).format(n);
}
