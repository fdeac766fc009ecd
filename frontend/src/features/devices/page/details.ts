// A device's fields as lines to read; empty ones are left out.
import { adminMessages } from '@/lib/i18n/admin';
import type { Device } from '@/lib/transport/admin-types';
import { dayPlain, exact } from '@/lib/labels/format';
import { moment } from '@/lib/labels/moments';

export type Detail = { label: string; value: string };

function day(date: string | null): string {
  return date === null ? '' : dayPlain(date);
}

export function detailsOf(device: Device): Detail[] {
  const { fields, types, kinds } = adminMessages.devices;
  const specifications = Object.entries(device.specifications).map(
    ([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  const lines: Detail[] = [
    { label: fields.serial_number, value: device.serial_number },
    { label: fields.device_type, value: types[device.device_type] },
    { label: fields.description, value: device.description },
    { label: fields.manufacturer, value: device.manufacturer },
    { label: fields.model, value: device.model },
    { label: fields.max_consumption, value: device.max_consumption === null ? '' : exact(device.max_consumption) },
    { label: fields.max_power_kw, value: device.max_power_kw === null ? '' : exact(device.max_power_kw) },
    { label: fields.timezone, value: device.timezone },
    { label: fields.interval_seconds, value: String(device.interval_seconds) },
    { label: fields.reading_kind, value: kinds[device.reading_kind] },
    { label: fields.register_digits, value: device.register_digits === null ? '' : String(device.register_digits) },
    { label: fields.purchase_date, value: day(device.purchase_date) },
    { label: fields.deploy_date, value: day(device.deploy_date) },
    { label: fields.last_maintenance_date, value: day(device.last_maintenance_date) },
    { label: adminMessages.devices.specifications, value: specifications.join(', ') },
    { label: fields.created_at, value: moment(device.created_at) },
    { label: fields.updated_at, value: moment(device.updated_at) },
    { label: adminMessages.devices.id, value: device.id },
  ];
  return lines.filter(({ value }) => value !== '');
}
