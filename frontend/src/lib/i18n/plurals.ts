// Counted nouns.

// Made once: `toLocaleString` makes a new format on each call.
const english = new Intl.NumberFormat('en-GB');
const romanian = new Intl.NumberFormat('ro-RO');

export function plural(n: number, one: string, many: string): string {
  return `${english.format(n)} ${n === 1 ? one : many}`;
}

/** Romanian: 1 oră, 2 ore, 19 ore, 20 de ore, 101 ore, 120 de ore. */
export function pluralRo(n: number, one: string, many: string): string {
  if (n === 1) return `1 ${one}`;
  const rest = n % 100;
  const digits = romanian.format(n);
  return n === 0 || (rest >= 1 && rest <= 19) ? `${digits} ${many}` : `${digits} de ${many}`;
}
