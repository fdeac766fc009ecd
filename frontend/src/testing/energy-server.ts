// Answers of the monitoring service, for devices in UTC.
import { afterEach, vi } from 'vitest';
import { MS_PER_HOUR, MS_PER_QUARTER } from '@/lib/energy/days';
import { seriesName } from '@/lib/energy/channels';
import { sumKwh } from '@/lib/energy/kwh';
import type { MonitoredDevice, Series, SeriesPoint, Stats } from '@/lib/transport/api-types';
import { aDay } from './days';
import { answer, pageOf } from './server';

/** The moment at which the pages are opened: a Friday. */
export const NOW = '2026-03-20T15:30:00Z';

/** kWh of the hour of a series that begins at an instant; null: nothing was measured. */
export type KwhAt = (at: Date, deviceId: string) => number | null;

afterEach(() => void vi.useRealTimers());

/** Answer for these devices, whose hours used `kwhAt`; hours after `NOW` have no data. */
export function serveEnergy(devices: MonitoredDevice[], kwhAt: KwhAt): void {
  vi.setSystemTime(NOW);
  const known = (at: number, deviceId: string) => (at > Date.parse(NOW) ? null : kwhAt(new Date(at), deviceId));

  answer('/api/monitoring/devices/', (query) => {
    const search = query.get('search') ?? '';
    return pageOf(devices.filter((device) => device.name.includes(search) || device.device_id === search));
  });
  answer('/api/monitoring/hourly/daily/', (query) => {
    const date = query.get('date') ?? '';
    const deviceId = seriesOf(query);
    const start = Date.parse(`${date}T00:00:00Z`);
    return { ...aDay(date, 'UTC', (hour) => known(start + hour * MS_PER_HOUR, deviceId)), device_id: deviceId };
  });
  answer('/api/monitoring/stats/', statsOf);
  answer('/api/monitoring/series/', (query): Series => {
    const [start, end, resolution] = ['start', 'end', 'resolution'].map((name) => query.get(name) ?? '') as [string, string, string];
    const deviceId = seriesOf(query);
    const points: SeriesPoint[] = [];
    const last = Date.parse(end);
    for (let at = Date.parse(start); at < last; at = endOf(at, resolution)) {
      points.push(pointOf(at, Math.min(last, endOf(at, resolution)), (hour) => known(hour, deviceId)));
    }
    return { device_id: deviceId, ...MAIN, start, end, timezone: 'UTC', resolution, points };
  });
}

const MAIN = { channel: 'main', quantity: 'electricity', unit: 'kWh' };

const seriesOf = (query: URLSearchParams) => seriesName(query.get('device_id') ?? '', query.get('channel') ?? undefined);

/** Figures of a period, of which only the peak is read: no quarter was measured. */
function statsOf(query: URLSearchParams): Stats {
  const [start, end, deviceId] = ['start', 'end', 'device_id'].map((name) => query.get(name) ?? '') as [string, string, string];
  const figures = { total_consumption: null, average_hourly_consumption: null, peak_hour: null, lowest_hour: null, peak_quarter: null };
  const quality = { measured: 0, estimated: 0, missing: 0 };
  return { device_id: deviceId, ...MAIN, start, end, ...figures, load_factor: null, hours_with_data: 0, hours_expected: 0, estimated: null, quality };
}

function endOf(at: number, resolution: string): number {
  if (resolution === 'quarter') return at + MS_PER_QUARTER;
  const date = new Date(at);
  if (resolution === 'year') return Date.UTC(date.getUTCFullYear() + 1, 0);
  if (resolution === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
  return at + (resolution === 'day' ? 24 : 1) * MS_PER_HOUR;
}

/** A fourth of the energy of its hour, in whose first quarter the hour is counted. */
function quarterOf(start: number, kwhAt: (at: number) => number | null): SeriesPoint {
  const hour = Math.floor(start / MS_PER_HOUR) * MS_PER_HOUR;
  const kwh = kwhAt(hour);
  return {
    start: new Date(start).toISOString(),
    total_consumption: kwh === null ? null : kwh / 4,
    estimated: kwh === null ? null : 0,
    measurement_count: null,
    hours_with_data: start === hour && kwh !== null ? 1 : 0,
    hours_expected: start === hour ? 1 : 0,
    quality: { measured: kwh === null ? 0 : 1, estimated: 0, missing: kwh === null ? 1 : 0 },
  };
}

function pointOf(start: number, end: number, kwhAt: (at: number) => number | null): SeriesPoint {
  if (end - start === MS_PER_QUARTER) return quarterOf(start, kwhAt);
  const hours = Array.from({ length: (end - start) / MS_PER_HOUR }, (_, index) => kwhAt(start + index * MS_PER_HOUR));
  const known = hours.filter((kwh) => kwh !== null);
  return {
    start: new Date(start).toISOString(),
    total_consumption: known.length === 0 ? null : sumKwh(known),
    estimated: known.length === 0 ? null : 0,
    measurement_count: 6 * known.length,
    hours_with_data: known.length,
    hours_expected: hours.length,
    quality: { measured: 4 * known.length, estimated: 0, missing: 4 * (hours.length - known.length) },
  };
}
