// The channels of a device on the energy page. A series is named by the id of its device, followed by "/code" for another channel
// than `main`. A channel is shown like a device: it has its own hours, readings and interval, and is never added to another one.
import { t } from '@/lib/i18n/messages';
import type { MonitoredDevice } from '@/lib/transport/api-types';

export const MAIN = 'main';

/** Return the name of a series. Frames of a live process of a former release name no channel. */
export function seriesName(deviceId: string, code: string | undefined): string {
  return code === undefined || code === MAIN ? deviceId : `${deviceId}/${code}`;
}

/** Return the parameters of a request for a series. */
export function namedBy(series: string): { device_id: string; channel?: string } {
  const [deviceId = '', code] = series.split('/');
  return code === undefined ? { device_id: deviceId } : { device_id: deviceId, channel: code };
}

export type Channel = MonitoredDevice['channels'][number];

/** Return the channels among which one is chosen: those in the unit of the page, kWh. */
export function choices({ channels }: MonitoredDevice): Channel[] {
  return channels.filter((channel) => channel.unit === 'kWh');
}

/** Return whether the device's `main` is used electricity, which alone is added up over several devices. */
export function isAddedUp({ channels }: MonitoredDevice): boolean {
  const main = channels.find(({ code }) => code === MAIN);
  return main === undefined || (main.quantity === 'electricity' && (main.flow === 'consumed' || main.flow === 'imported'));
}

/** Return "Roof", or "Exported, export" of a channel without a name. */
export function labelOf({ code, name, flow, quantity }: Channel): string {
  if (name !== '') return name;
  const parts = [t.channel.quantities[quantity], t.channel.flows[flow] ?? flow, code === MAIN ? undefined : code];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** Return the device as one of its channels, if it can be shown; limits are those of `main`. */
export function asChannel(device: MonitoredDevice, code: string | null): MonitoredDevice {
  const channel = code === null || code === MAIN ? undefined : choices(device).find((choice) => choice.code === code);
  if (channel === undefined) return device;
  const { code: _code, name: _name, flow: _flow, ...state } = channel;
  const name = `${device.name}, ${labelOf(channel)}`;
  return { ...device, ...state, name, device_id: seriesName(device.device_id, channel.code), max_consumption: null };
}
