import { expect, it } from 'vitest';
import { propertiesOf, rowsOf } from './properties';

const rowNamed = (name: string) => ({ key: 0, name, value: '1' });
const STORED = { phases: 3, note: 'attic', code: '007', parts: { left: [1] }, on: true, size: '3' };

it('properties that nobody touches come back with their types', () => {
  expect(propertiesOf(rowsOf(STORED), STORED)).toEqual(STORED);
});

it.each([
  ['3', 3],
  ['2.5', 2.5],
  ['true', true],
  ['007', '007'],
  ['attic', 'attic'],
  ['', ''],
])('a new value %j becomes %j', (value, result) => {
  expect(propertiesOf([{ key: 0, name: 'a', value }], {})).toEqual({ a: result });
});

it('a name that is missing or stands twice is no property', () => {
  expect(propertiesOf([rowNamed('')], {})).toBeNull();
  expect(propertiesOf([rowNamed('a'), rowNamed(' a ')], {})).toBeNull();
});

it('an empty row is left out', () => {
  expect(propertiesOf([{ key: 0, name: '', value: '' }], {})).toEqual({});
});
