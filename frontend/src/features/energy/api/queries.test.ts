import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { aDay, anUpdate, DEVICE_ID } from '@/testing/days';
import type { Period } from '@/lib/energy/periods';
import { refetchSeries, seriesQuery } from './queries';

const update = anUpdate(aDay('2026-03-20', 'UTC', () => null), 15, 0.5);
const OTHER_ID = '5c189959-e674-4eaa-8ebb-98fd953657c5';

/** Return which of the cached series are requested again. */
function refetched(long: boolean): string[] {
  const client = new QueryClient();
  const cached = ([['month', DEVICE_ID], ['7days', DEVICE_ID], ['700days', DEVICE_ID], ['month', OTHER_ID]] as [Period, string][]).map(([period, id]) => {
    const { queryKey } = seriesQuery(id, period, '2026-03-20', 'UTC', 'day');
    client.setQueryData(queryKey, { points: [] });
    return { name: `${period} ${id === DEVICE_ID ? 'own' : 'other'}`, queryKey };
  });
  refetchSeries(client, [update], long);
  return cached.filter(({ queryKey }) => client.getQueryState(queryKey)?.isInvalidated).map(({ name }) => name);
}

it('an updated hour makes the series of its device stale that hold it, the long ones apart from the others', () => {
  expect(refetched(false)).toEqual(['month own', '7days own']);
  expect(refetched(true)).toEqual(['700days own']);
});
