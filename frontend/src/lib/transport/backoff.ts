/** Full jitter: a restart of the platform must not bring every browser back in the same second. */
export function backoffMs(attempt: number, mostMs: number, random: () => number = Math.random): number {
  const cap = Math.min(mostMs, 1_000 * 2 ** Math.min(attempt, 10));
  return Math.round(random() * cap);
}
