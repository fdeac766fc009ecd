// Names of the hours of a day, also where a clock change makes them ambiguous.
import type { Slot } from '@/lib/energy/slots';
import { clock, dayShort, offsetName } from './format';
import { t } from '@/lib/i18n/messages';

/** Return "18:00 – 19:00", and on a 25-hour day "02:00 – 03:00 (second time, UTC+1)". */
export function hourRange(hour: Slot, zone: string): string {
  // The range ends where the clock of this hour would be after 60 minutes: on the night of the
  // change "02:00 – 02:00" would be true and useless.
  const from = clock(hour.start, zone);
  const to = `${String(((hour.clockHour ?? 0) + 1) % 24).padStart(2, '0')}${from.slice(2)}`;
  if (hour.repeat === null) return `${from} – ${to}`;
  const which = hour.repeat === 'first' ? t.hours.first : t.hours.second;
  return `${from} – ${to} (${which}, ${offsetName(hour.start, zone)})`;
}

export type Tick = { index: number; label: string; strong: boolean };

/**
 * Labels under the bars: every third hour by the clock, the first replaced by the date. On a
 * 25-hour day the second of the equal hours is labelled too, in place of its neighbour. `compact`
 * leaves the minutes out, for phones: hours of the device's clock always begin at :00.
 */
export function hourTicks(hours: readonly Slot[], zone: string, compact = false): Tick[] {
  const second = hours.findIndex((hour) => hour.repeat === 'second');
  return hours.flatMap((hour, index): Tick[] => {
    // On a phone the date and the repeated hour would run into each other.
    if (index === 0 && !(compact && second >= 0)) return [{ index, label: dayShort(hour.day), strong: true }];
    const label = compact ? clock(hour.start, zone).slice(0, 2) : clock(hour.start, zone);
    if (index === second) return [{ index, label: t.hours.twice(label), strong: true }];
    const besideSecond = second >= 0 && Math.abs(index - second) < 2;
    return (hour.clockHour ?? 0) % 3 === 0 && !besideSecond ? [{ index, label, strong: false }] : [];
  });
}

/** Return a note about the day's length; null on a day of 24 hours. */
export function dayLengthNote(hours: readonly Slot[], zone: string): string | null {
  if (hours.length === 24) return null;
  const second = hours.find((hour) => hour.repeat === 'second');
  if (hours.length === 25 && second !== undefined) return t.hours.dayOf25(clock(second.start, zone));
  return hours.length === 23 ? t.hours.dayOf23 : t.hours.dayOf(String(hours.length));
}
