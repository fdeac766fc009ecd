// Instants of actions, in the reader's own zone. Measurements are shown in the device's zone instead.
import { t } from '@/lib/i18n/messages';

const format = new Intl.DateTimeFormat(t.locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

const formatSeconds = new Intl.DateTimeFormat(t.locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** "22 Nov 2026, 14:05" */
export function moment(instant: string): string {
  return format.format(new Date(instant));
}

/** "22 Nov 2026, 14:05:12", where the order of events matters. */
export function momentSeconds(instant: string): string {
  return formatSeconds.format(new Date(instant));
}
