// The name of a zone, where it must be said.
import type { Span } from '@/lib/energy/periods';
import { offsetName } from './format';

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * Return "Europe/Bucharest (UTC+2)" where the clock of `zone` is not the reader's in this time, or where devices of
 * other clocks are shown too; null where all are the same. The offset is left out where it changes within the time.
 */
export function zoneToName(zone: string, { start, end }: Span, others: readonly string[], reader = browserZone()): string | null {
  const clockOf = (name: string) => `${offsetName(start, name)} ${offsetName(end - 1, name)}`;
  const elsewhere = [reader, ...others].filter((name) => name !== zone);
  if (elsewhere.every((name) => clockOf(name) === clockOf(zone))) return null;
  const [first, last] = clockOf(zone).split(' ');
  return first === last ? `${zone} (${first})` : zone;
}
