// The age of the newest reading, and whether the device is late.
import { dayOf } from '@/lib/energy/days';
import { clock, dayAndClock } from './format';
import { t } from '@/lib/i18n/messages';

export type Freshness = 'never' | 'fresh' | 'late' | 'silent';

/** A reading carries the instant its interval began, so a punctual one is up to two intervals old. */
const LATE_AFTER_INTERVALS = 3;
const SILENT_AFTER_INTERVALS = 12;
/** A meter that reports every few seconds is not silent after a minute's pause. */
const SILENT_AFTER_AT_LEAST_MS = 10 * 60_000;

export function freshnessOf(lastReadingAt: number | null, intervalSeconds: number, now: number): Freshness {
  if (lastReadingAt === null) return 'never';
  const age = now - lastReadingAt;
  const interval = intervalSeconds * 1000;
  if (age > Math.max(SILENT_AFTER_INTERVALS * interval, SILENT_AFTER_AT_LEAST_MS)) return 'silent';
  return age > LATE_AFTER_INTERVALS * interval ? 'late' : 'fresh';
}

type AgeUnit = keyof typeof t.freshness.ago;

/** Return the age in the unit in which people say it; null below a second. */
function ageOf(lastReadingAt: number, now: number): { n: number; unit: AgeUnit } | null {
  const seconds = Math.floor((now - lastReadingAt) / 1000);
  if (seconds < 1) return null;
  if (seconds < 60) return { n: seconds, unit: 'seconds' };
  if (seconds < 3600) return { n: Math.floor(seconds / 60), unit: 'minutes' };
  if (seconds < 48 * 3600) return { n: Math.floor(seconds / 3600), unit: 'hours' };
  return { n: Math.floor(seconds / 86_400), unit: 'days' };
}

/** Return the age as figure and unit ("4", "s ago"), or as a word alone. */
export function ageParts(lastReadingAt: number | null, now: number): { value: string; unit: string } {
  if (lastReadingAt === null) return { value: t.freshness.never, unit: '' };
  const age = ageOf(lastReadingAt, now);
  return age === null ? { value: t.freshness.now, unit: '' } : { value: String(age.n), unit: t.freshness.agoUnit[age.unit](age.n) };
}

/** Return "Updated 4 min ago". */
export function updatedText(at: number, now: number): string {
  const age = ageOf(at, now);
  return t.freshness.updated(age === null ? t.freshness.now.toLowerCase() : t.freshness.ago[age.unit](age.n));
}

/** Return the state in words, such as "Late, last read at 14:05": colour is not its only sign. */
export function freshnessHint(state: Freshness, lastReadingAt: number | null, zone: string, now: number): string {
  if (state === 'never' || lastReadingAt === null) return t.freshness.neverHint;
  const sameDay = dayOf(lastReadingAt, zone) === dayOf(now, zone);
  return t.freshness[state](sameDay ? clock(lastReadingAt, zone) : dayAndClock(lastReadingAt, zone));
}
