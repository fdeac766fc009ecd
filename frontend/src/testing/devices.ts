// Devices as the services give them, for tests.
import type { Channel, Device, ListedDevice, Meter } from '@/lib/transport/admin-types';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { DEVICE_ID } from './days';

/** A device of the energy page, in UTC. */
export function aMonitoredDevice(more: Partial<MonitoredDevice> = {}): MonitoredDevice {
  return {
    device_id: DEVICE_ID,
    name: 'Heat pump',
    description: '',
    device_type: 'smart_meter',
    status: 'deployed',
    timezone: 'UTC',
    interval_seconds: 600,
    reading_kind: 'interval',
    quantity: 'electricity',
    unit: 'kWh',
    channels: [],
    max_consumption: null,
    first_hour: '2026-01-01T00:00:00Z',
    last_reading_at: '2026-03-20T15:20:00Z',
    last_reading_value: 0.25,
    today_consumption: null,
    state: 'live',
    silent: false,
    ...more,
  };
}

/** The channel `main` of a device of the energy page. */
export function aMonitoredChannel(more: Partial<MonitoredDevice['channels'][number]> = {}): MonitoredDevice['channels'][number] {
  return {
    code: 'main',
    name: '',
    quantity: 'electricity',
    unit: 'kWh',
    flow: 'imported',
    interval_seconds: 600,
    reading_kind: 'interval',
    first_hour: '2026-01-01T00:00:00Z',
    last_reading_at: '2026-03-20T15:20:00Z',
    last_reading_value: 0.1,
    today_consumption: null,
    state: 'live',
    silent: false,
    ...more,
  };
}

/** A channel of a device. */
export function aChannel(more: Partial<Channel> = {}): Channel {
  return {
    code: 'main',
    name: '',
    quantity: 'electricity',
    flow: 'consumed',
    reading_kind: 'interval',
    interval_seconds: 600,
    register_digits: null,
    register_wraps_at: null,
    max_power: null,
    negative_channel: null,
    ...more,
  };
}

/** The present meter of a device, which is its first. */
export function aMeter(more: Partial<Meter> = {}): Meter {
  return {
    id: DEVICE_ID,
    serial_number: 'SN-1',
    mounted_at: null,
    removed_at: null,
    opening: {},
    closing: {},
    register_digits: null,
    multiplier: 1,
    notes: '',
    ...more,
  };
}

/** A device of a list, which nobody has. */
export function aListedDevice(more: Partial<ListedDevice> = {}): ListedDevice {
  return { ...aDevice(), assigned_to: [], assigned_count: 0, ...more };
}

/** A device as administrators see it. */
export function aDevice(more: Partial<Device> = {}): Device {
  return {
    id: DEVICE_ID,
    name: 'Heat pump',
    description: '',
    device_type: 'smart_meter',
    serial_number: 'SN-1',
    manufacturer: '',
    model: '',
    location: '',
    status: 'in_stock',
    max_consumption: null,
    max_power_kw: null,
    timezone: 'UTC',
    interval_seconds: 600,
    reading_kind: 'interval',
    register_digits: null,
    channels: [aChannel()],
    purchase_date: null,
    deploy_date: null,
    last_maintenance_date: null,
    specifications: {},
    created_at: '2026-03-01T08:00:00Z',
    updated_at: '2026-03-01T08:00:00Z',
    ...more,
  };
}
