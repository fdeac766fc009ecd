import { expect, it } from 'vitest';
import { deviceValues, FORM_FIELDS, parseSpecifications, type FormTexts } from './device-values';

const texts = (some: Partial<FormTexts>): FormTexts => ({
  ...(Object.fromEntries(FORM_FIELDS.map((field) => [field, ''])) as FormTexts),
  ...some,
});

it('sends an empty limit as none, not as zero', () => {
  expect(deviceValues(texts({ max_consumption: '' })).max_consumption).toBeNull();
  expect(deviceValues(texts({ max_consumption: '0' })).max_consumption).toBe(0);
});

it('reads a decimal comma', () => {
  expect(deviceValues(texts({ max_consumption: '2,5' })).max_consumption).toBe(2.5);
});

it('leaves zone and interval to the platform when they are empty', () => {
  expect(deviceValues(texts({}))).not.toHaveProperty('timezone');
  expect(deviceValues(texts({}))).not.toHaveProperty('interval_seconds');
});

it.each([
  ['', {}],
  ['{"phases": 3}', { phases: 3 }],
  ['[1]', null],
  ['three', null],
])('reads specifications %j as %j', (text, object) => {
  expect(parseSpecifications(text)).toEqual(object);
});
