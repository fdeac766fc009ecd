// Names of the hours of a day, also where a clock change makes them ambiguous.
import type { Slot } from '@/lib/energy/slots';
import { MS_PER_HOUR } from '@/lib/energy/days';
import { clock, dayShort, offsetName } from './format';
import { t } from '@/lib/i18n/messages';

const twoDigits = (n: number) => String(n).padStart(2, '0');

/** Return "18:00 – 19:00", of a quarter "18:15 – 18:30", and on a 25-hour day "02:00 – 03:00 (second time, UTC+1)". */
export function hourRange(hour: Slot, zone: string): string {
  // The range ends where the clock of this hour would be after 60 minutes: on the night of the
  // change "02:00 – 02:00" would be true and useless.
  const from = clock(hour.start, zone);
  const minutes = 60 * Number(from.slice(0, 2)) + Number(from.slice(3)) + (hour.kind === 'quarter' ? 15 : 60);
  const to = `${twoDigits(Math.floor(minutes / 60) % 24)}:${twoDigits(minutes % 60)}`;
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
    const besideSecond = second >= 0 && Math.abs(hour.start - (hours[second]?.start ?? 0)) < 2 * MS_PER_HOUR;
    return (hour.clockHour ?? 0) % 3 === 0 && (hour.clockMinute ?? 0) === 0 && !besideSecond ? [{ index, label, strong: false }] : [];
  });
}

/** Return a note about the length of a day, of its hours or quarters; null on a day of 24 hours. */
export function dayLengthNote(hours: readonly Slot[], zone: string): string | null {
  const length = hours.length / (hours[0]?.kind === 'quarter' ? 4 : 1);
  if (length === 24) return null;
  const second = hours.find((hour) => hour.repeat === 'second');
  if (length === 25 && second !== undefined) return t.hours.dayOf25(clock(second.start, zone));
  return length === 23 ? t.hours.dayOf23 : t.hours.dayOf(String(length));
}
