// A password that the browser draws for a new user: easy to read out and to type, 80 random bits.
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 4;

/** Return a password such as "k7mq-3xhd-w9tb-pz4r", without characters that look alike. */
export function newPassword(): string {
  // 32 letters divide the 256 values of a byte evenly.
  const drawn = [...crypto.getRandomValues(new Uint8Array(GROUPS * GROUP_LENGTH))].map((byte) => LETTERS[byte % LETTERS.length]);
  return Array.from({ length: GROUPS }, (_, group) => drawn.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH).join('')).join('-');
}
