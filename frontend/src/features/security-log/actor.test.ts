import { expect, it } from 'vitest';
import { actorOf } from './actor';

it('tells the platform from somebody who proved nothing', () => {
  expect(actorOf({ actor_name: 'anna', address: '127.0.0.1' })).toBe('anna');
  expect(actorOf({ actor_name: '', address: '127.0.0.1' })).toBe('Somebody unknown');
  expect(actorOf({ actor_name: '', address: null })).toBe('Platform');
});
