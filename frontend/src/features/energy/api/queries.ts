// The requests of the energy page, and the keys of their answers in the cache.
import { queryOptions, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { api, withQuery } from '@/lib/transport/api-client';
import type { DailyEnergy, HourlyUpdated, MonitoredDevice, Page, PeriodUpdated, Reading, Series, Stats } from '@/lib/transport/api-types';
import { dayBounds, dayOf, MS_PER_DAY, MS_PER_HOUR, type Day } from '@/lib/energy/days';
import { applyHour } from '@/lib/energy/day-answer';
import { MAIN, namedBy } from '@/lib/energy/channels';
import { ApiError } from '@/lib/transport/http';
import { afterFailure } from '@/lib/transport/query-client';
import { LatestUpdates } from '@/lib/live/live-updates';
import { periodBounds, type Period, type Resolution } from '@/lib/energy/periods';

/** Devices of one page of the list; further ones are found by searching. */
const LIST_SIZE = 100;
/** Without any device the list is fetched this often, so that the first device appears by itself. */
const EMPTY_LIST_EVERY_MS = 15_000;

const keys = {
  devices: ['energy', 'devices'] as const,
  list: (search: string) => ['energy', 'devices', 'list', search] as const,
  one: (deviceId: string) => ['energy', 'devices', 'one', deviceId] as const,
  allDays: ['energy', 'day'] as const,
  day: (deviceId: string, date: Day) => ['energy', 'day', deviceId, date] as const,
  series: ['energy', 'series'] as const,
  readings: ['energy', 'readings'] as const,
};

const latest = new LatestUpdates();

/** How often the page has learned that answers to running requests may be out of date. */
let outdated = 0;

/** Changes that come faster than the answers must not keep the page empty. */
const MOST_READS = 3;

/**
 * Return an answer of the service during which no change was reported. An invalidation does not repeat a first request
 * that is running, so that a change between the answer and its arrival would be missing.
 */
async function upToDate<T>(read: () => Promise<T>, reads = 1): Promise<T> {
  const before = outdated;
  const answer = await read();
  return outdated === before || reads === MOST_READS ? answer : upToDate(read, reads + 1);
}

const devicesPath = (search: string) =>
  withQuery('/api/monitoring/devices/', { search, ordering: 'name', page_size: LIST_SIZE });

export function devicesQuery(search = '') {
  return queryOptions({
    queryKey: keys.list(search),
    queryFn: ({ signal }) => upToDate(() => api<Page<MonitoredDevice>>(devicesPath(search), { signal })),
    refetchInterval: (query) => afterFailure(query) || (search === '' && query.state.data?.count === 0 && EMPTY_LIST_EVERY_MS),
  });
}

/** All devices, page by page, where one page does not hold them. */
export function allDevicesQuery() {
  return queryOptions({
    queryKey: [...keys.list(''), 'all'] as const,
    queryFn: ({ signal }) =>
      upToDate(async (): Promise<Page<MonitoredDevice>> => {
        const results: MonitoredDevice[] = [];
        let number = 1;
        let page: Page<MonitoredDevice>;
        do {
          // Each page says whether there is a next one.
          // oxlint-disable-next-line no-await-in-loop
          page = await api<Page<MonitoredDevice>>(`${devicesPath('')}&page=${number}`, { signal });
          results.push(...page.results);
          number += 1;
        } while (page.next !== null);
        return { ...page, count: results.length, results };
      }),
    refetchInterval: afterFailure,
  });
}

/** A device by its id, for links to a device that is not on the list's first page; null: it does not exist or is not visible. */
export function deviceQuery(deviceId: string) {
  return queryOptions({
    queryKey: keys.one(deviceId),
    queryFn: async ({ signal }) => {
      const page = await api<Page<MonitoredDevice>>(devicesPath(deviceId), { signal });
      return page.results.find((device) => device.device_id === deviceId) ?? null;
    },
  });
}

/** The fields of a device, and of each of its channels, that live updates change. */
type Freshness = Pick<MonitoredDevice, 'first_hour' | 'last_reading_at' | 'last_reading_value' | 'today_consumption' | 'state' | 'silent'>;

type Abortable = { signal: AbortSignal };

export function dayQuery(deviceId: string, date: Day) {
  return {
    queryKey: keys.day(deviceId, date),
    queryFn: ({ signal }: Abortable) =>
      upToDate(async () => {
        const askedAt = Date.now();
        const path = withQuery('/api/monitoring/hourly/daily/', { ...namedBy(deviceId), date });
        const day = await api<DailyEnergy>(path, { signal });
        // Live updates name the series, of which the answer has the device alone.
        return latest.over({ ...day, device_id: deviceId }, askedAt);
      }),
  };
}

/** Energy of one device over a period of a zone. */
export function seriesQuery(deviceId: string, period: Period, date: Day, zone: string, resolution: Resolution) {
  const { start, end } = periodBounds(period, date, zone);
  return {
    queryKey: [...keys.series, deviceId, resolution, start, end, zone] as const,
    queryFn: ({ signal }: Abortable) => {
      const path = withQuery('/api/monitoring/series/', {
        ...namedBy(deviceId),
        start: new Date(start).toISOString(),
        end: new Date(end).toISOString(),
        resolution,
        timezone: zone,
      });
      return upToDate(() => api<Series>(path, { signal }));
    },
  };
}

/** Figures of one device over a period: the highest power of a quarter of an hour. */
export function statsQuery(deviceId: string, period: Period, date: Day, zone: string) {
  const { start, end } = periodBounds(period, date, zone);
  return queryOptions({
    // A series with one point: what outdates series outdates it.
    queryKey: [...keys.series, deviceId, 'stats', start, end] as const,
    queryFn: ({ signal }) => {
      const path = withQuery('/api/monitoring/stats/', {
        ...namedBy(deviceId),
        start: new Date(start).toISOString(),
        end: new Date(end).toISOString(),
      });
      return upToDate(() => api<Stats>(path, { signal }));
    },
  });
}

/**
 * Energy of one device over a period. The hours of a day of a single device are the service's day, in the device's own zone: live
 * updates move it without a request. Days of several devices are series, all in one zone, and so are quarters of an hour.
 */
export function energyQuery(
  deviceId: string,
  period: Period,
  date: Day,
  zone: string,
  all: boolean,
  resolution: Resolution,
) {
  const query: { queryKey: QueryKey; queryFn: (context: Abortable) => Promise<DailyEnergy | Series> } =
    period === 'day' && resolution === 'hour' && !all ? dayQuery(deviceId, date) : seriesQuery(deviceId, period, date, zone, resolution);
  return query;
}

const MOST_READINGS = 200;

export function readingsQuery(deviceId: string, hour: string) {
  const start = Date.parse(hour);
  return queryOptions({
    queryKey: [...keys.readings, deviceId, hour] as const,
    queryFn: ({ signal }) => {
      const path = withQuery('/api/monitoring/data/', {
        ...namedBy(deviceId),
        start: hour,
        end: new Date(start + MS_PER_HOUR).toISOString(),
        page_size: MOST_READINGS,
      });
      return upToDate(() => api<Pick<Page<Reading>, 'next' | 'results'>>(path, { signal }));
    },
  });
}

/** Return all readings of an hour, page by page. */
export async function readingsOfHour(deviceId: string, hour: string): Promise<Reading[]> {
  let path: string | null = withQuery('/api/monitoring/data/', {
    ...namedBy(deviceId),
    start: hour,
    end: new Date(Date.parse(hour) + MS_PER_HOUR).toISOString(),
    page_size: 1_000,
  });
  const readings: Reading[] = [];
  while (path !== null) {
    // Each page names the next one.
    // oxlint-disable-next-line no-await-in-loop
    const page: Pick<Page<Reading>, 'next' | 'results'> = await api(path);
    readings.push(...page.results);
    const next: URL | null = page.next === null ? null : new URL(page.next, location.origin);
    path = next === null ? null : `${next.pathname}${next.search}`;
  }
  return readings;
}

/** Days of a series that the service sums up in a moment; for more it reads tens of thousands of hours. */
const QUICK_DAYS = 400;

/**
 * Fetch the series and readings again that hold one of the updated hours: their sums changed.
 * @param long the series of more days than are summed up in a moment, or all the others
 */
export function refetchSeries(queryClient: QueryClient, updates: readonly HourlyUpdated[], long: boolean): void {
  outdated += 1;
  const moved = updates.map((update) => ({ id: update.device_id, at: Date.parse(update.start) }));
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [area, kind, id, second, third, fourth] }) => {
      if (area !== 'energy') return false;
      if (kind === 'readings') return !long && moved.some((hour) => hour.id === id && hour.at === Date.parse(String(second)));
      if (kind !== 'series' || Number(fourth) - Number(third) > QUICK_DAYS * MS_PER_DAY !== long) return false;
      return moved.some((hour) => hour.id === id && Number(third) <= hour.at && hour.at < Number(fourth));
    },
  });
}

/** Fetch again what is shown of periods in which energy changed, and take over their last readings. */
export function refetchPeriods(queryClient: QueryClient, periods: readonly PeriodUpdated[]): void {
  outdated += 1;
  const moved = periods.map((period) => ({ id: period.device_id, from: Date.parse(period.start), to: Date.parse(period.end) }));
  const changedIn = (id: unknown, start: number, end: number) => moved.some((each) => each.id === id && each.from < end && start < each.to);
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [area, kind, id, second, third, fourth], state }) => {
      if (area !== 'energy') return false;
      const text = String(second);
      if (kind === 'readings') return changedIn(id, Date.parse(text), Date.parse(text) + MS_PER_HOUR);
      if (kind === 'series') return changedIn(id, Number(third), Number(fourth));
      if (kind !== 'day') return false;
      const { start, end } = dayBounds(text, (state.data as DailyEnergy | undefined)?.timezone ?? 'UTC');
      // A day that is not known yet may be one of any zone.
      return state.data === undefined || changedIn(id, start, end);
    },
  });
  for (const period of periods) {
    refreshDevice(queryClient, period.device_id, (device) => ({
      ...device,
      ...(isNewer(period, device) && { last_reading_at: period.last_reading_at, last_reading_value: period.last_reading_value }),
      state: 'live',
      silent: false,
    }));
  }
}

export function isNotFound(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Apply a live update to the cached day and device: bar, figures and freshness move without a request. */
export function applyUpdate(queryClient: QueryClient, update: HourlyUpdated, zone: string): void {
  latest.add(update, Date.now());
  const date = dayOf(update.start, zone);
  const day = queryClient.setQueryData<DailyEnergy>(keys.day(update.device_id, date), (known) =>
    known === undefined ? undefined : applyHour(known, update),
  );
  const isToday = date === dayOf(Date.now(), zone);
  refreshDevice(queryClient, update.device_id, (device) => ({
    ...device,
    ...(isNewer(update, device) && { last_reading_at: update.last_reading_at, last_reading_value: update.last_reading_value }),
    first_hour: earlier(device.first_hour, update),
    today_consumption: isToday && day !== undefined ? day.total_daily_consumption : device.today_consumption,
    state: 'live',
    silent: false,
  }));
}

/** Change a device, or one of its channels, wherever it is in the cache. */
function refreshDevice(queryClient: QueryClient, series: string, refresh: <T extends Freshness>(state: T) => T): void {
  const { device_id: id, channel = MAIN } = namedBy(series);
  const refreshed = (device: MonitoredDevice) => ({
    ...(channel === MAIN ? refresh(device) : device),
    channels: device.channels.map((each) => (each.code === channel ? refresh(each) : each)),
  });
  queryClient.setQueriesData<Page<MonitoredDevice>>({ queryKey: [...keys.devices, 'list'] }, (page) =>
    page === undefined ? undefined : { ...page, results: page.results.map((device) => (device.device_id === id ? refreshed(device) : device)) },
  );
  queryClient.setQueryData<MonitoredDevice | null>(keys.one(id), (device) =>
    device == null ? undefined : refreshed(device),
  );
}

/** Return when the device's first hour with readings began: after its first readings, hours without any are a gap. */
function earlier(first: string | null, { start, total_consumption: kwh }: HourlyUpdated): string | null {
  if (kwh === null) return first;
  return first === null || Date.parse(start) < Date.parse(first) ? start : first;
}

/** Return whether the update has a newer reading: a late or corrected one of the past has not. */
function isNewer({ last_reading_at: at }: Pick<HourlyUpdated, 'last_reading_at'>, { last_reading_at: known }: Freshness): boolean {
  return at !== null && (known === null || Date.parse(at) >= Date.parse(known));
}

/** Fetch everything that is shown again: energy, and the readings of an opened hour. */
export function refetchEnergy(queryClient: QueryClient): void {
  outdated += 1;
  for (const queryKey of [keys.series, keys.allDays, keys.readings]) void queryClient.invalidateQueries({ queryKey });
}

export function refetchDevices(queryClient: QueryClient): void {
  void queryClient.invalidateQueries({ queryKey: keys.devices });
}
