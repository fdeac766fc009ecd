import type { Totals } from './queries';

/** Readings that were received and became none of the four; 0 is the promise. */
export function unaccounted({ received, stored, corrected, duplicates, rejected }: Totals): number {
  return received - stored - corrected - duplicates - rejected;
}
