import type { LedgerTotals } from '@/lib/api/monitoring';

/** Readings that were received and became none of the four; 0 is the promise. */
export function unaccounted({ received, stored, corrected, duplicates, rejected }: LedgerTotals): number {
  return received - stored - corrected - duplicates - rejected;
}
