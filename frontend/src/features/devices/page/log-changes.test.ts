import { expect, it } from 'vitest';
import type { LogEntry } from '@/lib/transport/admin-types';
import { changesOf } from './log-changes';

const entry = (old_values: Record<string, unknown>, new_values: Record<string, unknown>): LogEntry => ({
  id: 1,
  device_id: 'd',
  occurred_at: '2026-11-22T10:00:00Z',
  actor_id: null, actor_name: 'admin',
  action: 'updated',
  old_values,
  new_values,
  notes: '',
  request_id: '',
});
const nobody = new Map<string, string>();

it('says what was and what is, statuses by their names', () => {
  expect(changesOf(entry({ status: 'in_stock', location: '' }, { status: 'deployed', location: 'Cellar' }), nobody)).toEqual([
    { field: 'Status', before: 'In stock', after: 'Deployed' },
    { field: 'Location', before: 'empty', after: 'Cellar' },
  ]);
});

it('leaves out what a new device left open', () => {
  const made = changesOf(entry({}, { name: 'M', model: '', specifications: {}, max_consumption: null }), nobody);
  expect(made).toEqual([{ field: 'Name', before: null, after: 'M' }]);
});

it('names fields and registers of channels', () => {
  const before = { 'export.reading_kind': 'interval', 'closing.main': 17077.4, flow: 'consumed', 'export.quantity': 'electricity' };
  const after = { 'export.reading_kind': 'cumulative', 'opening.export': 0.05, flow: 'imported', 'export.quantity': 'gas' };
  expect(changesOf(entry(before, after), nobody)).toEqual([
    { field: 'export: Reading type', before: 'Consumption per interval', after: 'Meter reading (counter)' },
    { field: 'Closing register', before: '17077.4', after: null },
    { field: 'Direction', before: 'Consumed', after: 'Imported' },
    { field: 'export: Quantity', before: 'Electricity (kWh)', after: 'Gas (m³)' },
    { field: 'Opening register (export)', before: null, after: '0.05' },
  ]);
});

it('says when a meter was replaced as other times of the log', () => {
  const [change] = changesOf(entry({}, { replaced_at: '2026-06-01T08:30:00+00:00' }), nobody);
  expect(change?.field).toBe('Replaced');
  expect(change?.after).toMatch(/^1 Jun 2026, \d\d:30$/);
});

it('tells zero from nothing', () => {
  expect(changesOf(entry({ max_consumption: null }, { max_consumption: 0 }), nobody)).toEqual([
    { field: 'Limit per hour (kWh)', before: 'empty', after: '0' },
  ]);
});

it('names the user it knows', () => {
  const known = new Map([['u1', 'anna']]);
  expect(changesOf(entry({}, { user_id: 'u1' }), known)[0]?.after).toBe('anna');
  expect(changesOf(entry({ user_id: 'u2' }, {}), known)[0]?.before).toBe('u2');
});
