import type { LedgerTotals } from '@/lib/api/monitoring';

/** Return the number of received readings that were neither stored, nor corrections, repeated or rejected: 0 if none is lost. */
export function unaccounted({ received, stored, corrected, duplicates, rejected }: LedgerTotals): number {
  return received - stored - corrected - duplicates - rejected;
}
