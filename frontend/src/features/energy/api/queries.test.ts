import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { aDay, anUpdate } from '@/testing/days';
import { aMonitoredDevice } from '@/testing/devices';
import { pageOf } from '@/testing/server';
import { applyUpdate, devicesQuery } from './queries';

const DAY = aDay('2026-03-20', 'UTC', () => null);

/** Return when the device's first hour began, after live updates of these hours. */
function firstHourAfter(known: string | null, ...updates: [hour: number, kwh: number | null][]): string | null | undefined {
  const queryClient = new QueryClient();
  const { queryKey } = devicesQuery();
  queryClient.setQueryData(queryKey, pageOf([aMonitoredDevice({ first_hour: known })]));
  for (const [hour, kwh] of updates) applyUpdate(queryClient, { ...anUpdate(DAY, hour, 0), total_consumption: kwh }, 'UTC');
  return queryClient.getQueryData(queryKey)?.results[0]?.first_hour;
}

it('the first reading of an open page begins the device’s hours, so that those after it without any are a gap', () => {
  expect(firstHourAfter(null, [10, 0.75])).toBe('2026-03-20T10:00:00Z');
  expect(firstHourAfter(null, [10, 0.75], [12, 0.5], [8, 0.25])).toBe('2026-03-20T08:00:00Z');
});

it('neither an hour without readings nor a later one changes when the device’s hours begin', () => {
  expect(firstHourAfter(null, [10, null])).toBeNull();
  expect(firstHourAfter('2026-01-01T00:00:00Z', [10, 0.75])).toBe('2026-01-01T00:00:00Z');
});
