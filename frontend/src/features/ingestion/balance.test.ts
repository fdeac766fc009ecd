import { expect, it } from 'vitest';
import { unaccounted } from './balance';

const totals = { received: 10, stored: 6, corrected: 1, duplicates: 2, rejected: 1 };

it('the ledger is balanced when each received reading was stored, a correction, repeated or rejected', () => {
  expect(unaccounted(totals)).toBe(0);
});

it('an unbalanced ledger names how many readings are missing, or too many', () => {
  expect(unaccounted({ ...totals, received: 12 })).toBe(2);
  expect(unaccounted({ ...totals, stored: 7 })).toBe(-1);
});
