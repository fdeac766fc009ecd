import { expect, it } from 'vitest';
import { actorOf, detailsOf } from './actor';

it('tells the platform from somebody who proved nothing', () => {
  expect(actorOf({ actor_name: 'anna', address: '127.0.0.1' })).toBe('anna');
  expect(actorOf({ actor_name: '', address: '127.0.0.1' })).toBe('Somebody unknown');
  expect(actorOf({ actor_name: '', address: null })).toBe('Platform');
});

it('an event says in words what it says besides, and what has no word as it is', () => {
  expect(detailsOf({ reason: 'wrong_password' })).toBe('reason: wrong password');
  expect(detailsOf({ kid: 'ab', later: [1] })).toBe('key: ab, later: [1]');
});
