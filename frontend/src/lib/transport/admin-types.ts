// Names of the services' types on the administrators' pages; see api-types.
import type * as auth from '@/lib/api/auth';
import type * as device from '@/lib/api/device';

export type Account = auth.User;
export type NewAccount = Required<auth.UserCreateRequest>;
export type SecurityEvent = auth.SecurityEvent;

export type DeviceType = device.DeviceTypeEnum;
export const DEVICE_TYPES: readonly DeviceType[] = ['smart_meter', 'sub_meter', 'sensor', 'gateway', 'actuator', 'other'];

export type DeviceStatus = device.StatusEnum;
export const STATUSES: readonly DeviceStatus[] = ['in_stock', 'reserved', 'deployed', 'maintenance', 'retired'];

/** Answers have every field: optional in the schema are those that a change may leave out. */
export type Device = Required<device.Device>;
/** The name is null when the account was deleted. */
export type Assignment = Omit<device.Assignment, 'username'> & { username: string | null };
export type LogEntry = Omit<device.LogEntry, 'old_values' | 'new_values'> & {
  old_values: Record<string, unknown>;
  new_values: Record<string, unknown>;
};

export type ImportLine = {
  line: number;
  serial_number: string;
  result: 'valid' | 'refused' | 'created';
  errors?: Record<string, string[]>;
};

export type ImportReport = {
  dry_run: boolean;
  rows: number;
  refused: number;
  created: number;
  report: ImportLine[];
};
