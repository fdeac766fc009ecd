import { expect, it } from 'vitest';
import { STATUSES } from '@/lib/transport/admin-types';
import { STEP_TO, stepsFrom } from './device-lifecycle';

it('offers the steps of the platform’s table, and no other', () => {
  const table = Object.fromEntries(
    STATUSES.map((status) => [status, stepsFrom(status).map((step) => STEP_TO[step]).toSorted()]),
  );
  expect(table).toEqual({
    in_stock: ['deployed', 'maintenance', 'reserved', 'retired'],
    reserved: ['deployed', 'in_stock'],
    deployed: ['in_stock', 'maintenance'],
    maintenance: ['deployed', 'in_stock', 'retired'],
    retired: [],
  });
});
