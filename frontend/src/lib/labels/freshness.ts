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

/** Return the age as figure and unit ("4", "s ago"), or as a word alone. */
export function ageParts(lastReadingAt: number | null, now: number): { value: string; unit: string } {
  if (lastReadingAt === null) return { value: t.freshness.never, unit: '' };
  const seconds = Math.floor((now - lastReadingAt) / 1000);
  if (seconds < 1) return { value: t.freshness.now, unit: '' };
  const [n, unit] =
    seconds < 60
      ? ([seconds, 'seconds'] as const)
      : seconds < 3600
        ? ([Math.floor(seconds / 60), 'minutes'] as const)
        : seconds < 48 * 3600
          ? ([Math.floor(seconds / 3600), 'hours'] as const)
          : ([Math.floor(seconds / 86_400), 'days'] as const);
  return { value: String(n), unit: t.freshness.ago[unit] };
}

/** Return the state in words, such as "Late, last read at 14:05": colour is not its only sign. */
export function freshnessHint(state: Freshness, lastReadingAt: number | null, zone: string, now: number): string {
  if (state === 'never' || lastReadingAt === null) return t.freshness.neverHint;
  const sameDay = dayOf(lastReadingAt, zone) === dayOf(now, zone);
  return t.freshness[state](sameDay ? clock(lastReadingAt, zone) : dayAndClock(lastReadingAt, zone));
}
