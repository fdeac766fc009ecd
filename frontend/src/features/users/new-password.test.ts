import { expect, it } from 'vitest';
import { newPassword } from './new-password';

it('a drawn password is sixteen readable characters in groups, and never the same', () => {
  const drawn = Array.from({ length: 50 }, newPassword);

  expect(new Set(drawn).size).toBe(50);
  expect(drawn.filter((password) => !/^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/.test(password))).toEqual([]);
});
