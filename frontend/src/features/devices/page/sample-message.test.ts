import { expect, it } from 'vitest';
import { intervalText, sampleMessage } from './sample-message';

const NOW = Date.parse('2026-11-28T13:47:12Z');
const device = (interval_seconds: number, reading_kind: 'interval' | 'cumulative' = 'interval') => ({ id: 'd-1', interval_seconds, reading_kind });

it('a sample has the real id, and the last whole interval of the device', () => {
  expect(JSON.parse(sampleMessage(device(600), NOW))).toEqual({ timestamp: '2026-11-28T13:30:00Z', device_id: 'd-1', measurement_value: 0.25 });
  expect(JSON.parse(sampleMessage(device(86_400), NOW))).toMatchObject({ timestamp: '2026-11-27T00:00:00Z' });
});

it('the sample of a counting meter has a register, not the energy of an interval', () => {
  expect(JSON.parse(sampleMessage(device(600, 'cumulative'), NOW))).toMatchObject({ measurement_value: 1234.567 });
});

it('an interval is written in the largest unit that divides it', () => {
  expect([5, 60, 90, 600, 3600, 86_400].map(intervalText)).toEqual(['5 s', '1 min', '90 s', '10 min', '1 h', '24 h']);
});
