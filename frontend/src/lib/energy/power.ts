// What a device uses now, and since when it is known.
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { freshnessOf } from '@/lib/labels/freshness';

/** When the first hour with readings of these devices began; never, while none has sent any. */
export function firstHourOf(devices: readonly Pick<MonitoredDevice, 'first_hour'>[]): number {
  return Math.min(...devices.map(({ first_hour: at }) => (at === null ? Infinity : Date.parse(at))));
}

type Metered = Pick<MonitoredDevice, 'reading_kind' | 'interval_seconds' | 'last_reading_at' | 'last_reading_value'>;

/** kW over the newest reading's interval; null where that is old, or a register and so no power. */
export function powerNow(device: Metered, now: number): number | null {
  const { last_reading_at: at, last_reading_value: kwh, interval_seconds: seconds } = device;
  if (at === null || kwh === null || device.reading_kind !== 'interval') return null;
  return freshnessOf(Date.parse(at), seconds, now) === 'fresh' ? (kwh * 3600) / seconds : null;
}

/** kW of all of them together; null while one of them is not known, for a part of it would be a false answer. */
export function powerOfAll(devices: readonly Metered[], now: number): number | null {
  const each = devices.flatMap((device) => powerNow(device, now) ?? []);
  return devices.length > 0 && each.length === devices.length ? each.reduce((sum, kw) => sum + kw, 0) : null;
}
