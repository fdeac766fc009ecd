import { expect, it } from 'vitest';
import { actorOf, detailsOf } from './actor';

it('an actor without a name is the platform, or with an address unknown', () => {
  expect(actorOf({ actor_name: 'anna', address: '127.0.0.1' })).toBe('anna');
  expect(actorOf({ actor_name: '', address: '127.0.0.1' })).toBe('Unknown');
  expect(actorOf({ actor_name: '', address: null })).toBe('Platform');
});

it('further fields of an event are in words, and values without a word as they are', () => {
  expect(detailsOf({ reason: 'wrong_password' })).toBe('reason: wrong password');
  expect(detailsOf({ kid: 'ab', later: [1] })).toBe('key: ab, later: [1]');
});
