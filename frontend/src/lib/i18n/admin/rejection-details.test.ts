import { expect, it, vi } from 'vitest';
import { writePreference } from '@/lib/browser/preferences';
import { rejectionDetail } from './rejection-details';

it.each([
  ['not_json', 'Expecting value: line 1 column 1 (char 0)', 'Line 1, column 1'],
  ['not_json', 'JSON is malformed: invalid character (byte 5)', 'At byte 5'],
  ['not_json', 'Input data was truncated', 'The message is cut off.'],
  ['missing_field', 'Object missing required field `device_id`', 'Field device_id'],
  ['invalid_timestamp', 'Invalid RFC3339 encoded datetime - at `$.timestamp`', 'Field timestamp'],
  ['out_of_range', 'Expected `float` >= 0.0 - at `$.measurement_value`', 'Field measurement_value: at least 0.0'],
  ['out_of_range', 'NaN is not a number - at `$.measurement_value`', 'Field measurement_value: not a number'],
  ['in_future', 'more than 24 h in the future', 'More than 24 hours in the future'],
  ['implausible', 'more than 3.5 kW over its interval', 'More than 3.5 kW over its interval'],
  ['device_deleted', 'the device has been deleted', ''],
])('the detail of %s, %j, is in plain words', (reason, detail, text) => {
  expect(rejectionDetail(reason, detail)).toBe(text);
});

it('a detail that is not known stays as the service wrote it', () => {
  expect(rejectionDetail('new_reason', 'the moon was full')).toBe('the moon was full');
});

it('the details are in the page’s language', async () => {
  writePreference('language', 'ro');
  vi.resetModules();
  const romanian = await import('./rejection-details');
  expect(romanian.rejectionDetail('not_json', 'Expecting value: line 1 column 1 (char 0)')).toBe('Linia 1, coloana 1');
  expect(romanian.rejectionDetail('wrong_type', 'Expected `str`, got `int` - at `$.device_id`')).toBe('Câmpul device_id');
});
