// Counted nouns.

export function plural(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`;
}

/** Romanian: 1 oră, 2 ore, 19 ore, 20 de ore, 101 ore, 120 de ore. */
export function pluralRo(n: number, one: string, many: string): string {
  if (n === 1) return `1 ${one}`;
  const rest = n % 100;
  const digits = n.toLocaleString('ro-RO');
  return n === 0 || (rest >= 1 && rest <= 19) ? `${digits} ${many}` : `${digits} de ${many}`;
}
