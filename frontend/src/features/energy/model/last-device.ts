// The device that was shown last in this browser: an address without a device opens it again.
import { useEffect } from 'react';
import { readPreference, writePreference } from '@/lib/browser/preferences';
import type { MonitoredDevice } from '@/lib/transport/api-types';

const LAST_DEVICE = 'last-device';
const LAST_CHANNEL = 'last-channel';

/** Return the id of the device shown last, else of the first device; null while there is none. */
export function lastDevice(devices: readonly MonitoredDevice[] | undefined): string | null {
  const last = readPreference(LAST_DEVICE);
  const device = devices?.find((listed) => listed.device_id === last) ?? devices?.[0];
  return device?.device_id ?? null;
}

/** Return whether this device, or `all`, was shown last. */
export const wasShownLast = (id: string) => readPreference(LAST_DEVICE) === id;

/** Return the channel that was shown last, of the device that was shown last. */
export const lastChannel = () => readPreference(LAST_CHANNEL);

/** Remember the shown device, or `all`, and its channel. */
export function useRemembered(id: string | undefined, channel: string): void {
  useEffect(() => {
    if (id === undefined) return;
    writePreference(LAST_DEVICE, id);
    writePreference(LAST_CHANNEL, channel);
  }, [id, channel]);
}
