// What the energy page asks for, and where the answers are kept.
import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { api, withQuery } from '@/lib/api-client';
import type { DailyEnergy, HourlyUpdated, MonitoredDevice, Page } from '@/lib/api-types';
import { dayOf, type Day } from '@/lib/days';
import { applyHour } from '@/lib/energy-day';
import { ApiError } from '@/lib/http';
import { LatestUpdates } from '@/lib/live-updates';

/** One page of the list. Whoever has more devices finds them by searching. */
const LIST_SIZE = 100;
/** Without any device the page looks again this often, so the first one appears by itself. */
const EMPTY_LIST_EVERY_MS = 15_000;

const keys = {
  devices: ['energy', 'devices'] as const,
  list: (search: string) => ['energy', 'devices', 'list', search] as const,
  one: (deviceId: string) => ['energy', 'devices', 'one', deviceId] as const,
  allDays: ['energy', 'day'] as const,
  days: (deviceId: string) => ['energy', 'day', deviceId] as const,
  day: (deviceId: string, date: Day) => ['energy', 'day', deviceId, date] as const,
};

const latest = new LatestUpdates();

const devicesPath = (search: string) =>
  withQuery('/api/monitoring/devices/', { search, ordering: 'name', page_size: LIST_SIZE });

export function devicesQuery(search = '') {
  return queryOptions({
    queryKey: keys.list(search),
    queryFn: ({ signal }) => api<Page<MonitoredDevice>>(devicesPath(search), { signal }),
    refetchInterval: ({ state }) => (search === '' && state.data?.count === 0 ? EMPTY_LIST_EVERY_MS : false),
  });
}

/** A device by its id, for links to one that is not on the list's first page; null: not mine, or none. */
export function deviceQuery(deviceId: string) {
  return queryOptions({
    queryKey: keys.one(deviceId),
    queryFn: async ({ signal }) => {
      const page = await api<Page<MonitoredDevice>>(devicesPath(deviceId), { signal });
      return page.results.find((device) => device.device_id === deviceId) ?? null;
    },
  });
}

export function dayQuery(deviceId: string, date: Day) {
  return queryOptions({
    queryKey: keys.day(deviceId, date),
    queryFn: async ({ signal }) => {
      const askedAt = Date.now();
      const path = withQuery('/api/monitoring/hourly/daily/', { device_id: deviceId, date });
      return latest.over(await api<DailyEnergy>(path, { signal }), askedAt);
    },
  });
}

export function isNotFound(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** A reading arrived: the bar, the sums and the freshness move without asking the server. */
export function applyUpdate(queryClient: QueryClient, update: HourlyUpdated, zone: string): void {
  latest.add(update, Date.now());
  const date = dayOf(update.start, zone);
  const day = queryClient.setQueryData<DailyEnergy>(keys.day(update.device_id, date), (known) =>
    known === undefined ? undefined : applyHour(known, update),
  );
  const isToday = date === dayOf(Date.now(), zone);
  const refresh = (device: MonitoredDevice): MonitoredDevice =>
    device.device_id === update.device_id
      ? {
          ...device,
          last_reading_at: later(device.last_reading_at, update.last_reading_at),
          today_consumption: isToday && day !== undefined ? day.total_daily_consumption : device.today_consumption,
          silent: false,
        }
      : device;
  queryClient.setQueriesData<Page<MonitoredDevice>>({ queryKey: [...keys.devices, 'list'] }, (page) =>
    page === undefined ? undefined : { ...page, results: page.results.map(refresh) },
  );
  queryClient.setQueryData<MonitoredDevice | null>(keys.one(update.device_id), (device) =>
    device == null ? undefined : refresh(device),
  );
}

/** A late or corrected reading of the past is no newer sign of life. */
function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}

export function rereadDays(queryClient: QueryClient, deviceId?: string): void {
  void queryClient.invalidateQueries({ queryKey: deviceId === undefined ? keys.allDays : keys.days(deviceId) });
}

export function rereadDevices(queryClient: QueryClient): void {
  void queryClient.invalidateQueries({ queryKey: keys.devices });
}
