// The power of devices now, and the begin of their measurements.
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { freshnessOf } from '@/lib/labels/freshness';

/** Return when the first hour with readings of these devices began; Infinity while none has sent any. */
export function firstHourOf(devices: readonly Pick<MonitoredDevice, 'first_hour'>[]): number {
  return Math.min(...devices.map(({ first_hour: at }) => (at === null ? Infinity : Date.parse(at))));
}

/** Return the average kW of a quarter of an hour with so many kWh. */
export function quarterPower(kwh: number): number {
  return 4 * kwh;
}

type Metered = Pick<MonitoredDevice, 'reading_kind' | 'interval_seconds' | 'last_reading_at' | 'last_reading_value'>;

/** Return when the newest reading was taken: an interval's reading carries the instant at which the interval began. */
export function readingEnd({ last_reading_at: at, reading_kind: kind, interval_seconds: seconds }: Metered): number | null {
  if (at === null) return null;
  return Date.parse(at) + (kind === 'interval' ? 1000 * seconds : 0);
}

/** Return the kW over the newest reading's interval; null where it is old, or a register and so no power. */
export function powerNow(device: Metered, now: number): number | null {
  const { last_reading_at: at, last_reading_value: kwh, interval_seconds: seconds } = device;
  if (at === null || kwh === null || device.reading_kind !== 'interval') return null;
  return freshnessOf(Date.parse(at), seconds, now) === 'fresh' ? (kwh * 3600) / seconds : null;
}

/** Return the kW of all devices together; null while one is not known, for a part would be a false answer. */
export function powerOfAll(devices: readonly Metered[], now: number): number | null {
  const each = devices.flatMap((device) => powerNow(device, now) ?? []);
  return devices.length > 0 && each.length === devices.length ? each.reduce((sum, kw) => sum + kw, 0) : null;
}
