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
