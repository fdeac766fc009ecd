// A message that a device could send, for people who set a meter up.
import type { Device } from '@/lib/transport/admin-types';

/** The queue of readings, as the services name it. */
export const QUEUE = 'device_data_queue';

/** Return a message with a reading of the last whole interval before `now`: its energy, or the register. */
export function sampleMessage(device: Pick<Device, 'id' | 'interval_seconds' | 'reading_kind'>, now: number): string {
  const interval = device.interval_seconds * 1000;
  const begin = Math.floor(now / interval) * interval - interval;
  return JSON.stringify(
    {
      timestamp: new Date(begin).toISOString().replace('.000Z', 'Z'),
      device_id: device.id,
      measurement_value: device.reading_kind === 'cumulative' ? 1234.567 : 0.25,
    },
    null,
    2,
  );
}

/** Return an interval in the largest unit that divides it: "10 min", "1 h", "30 s". */
export function intervalText(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
