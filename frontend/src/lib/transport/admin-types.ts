// Names of the services' types on the administrators' pages; see api-types.
import type * as auth from '@/lib/api/auth';
import type * as device from '@/lib/api/device';
import type { MonitoredDevice } from './api-types';

export type Account = auth.User;
export type NewAccount = Required<auth.UserCreateRequest>;
export type SecurityEvent = auth.SecurityEvent;

export type DeviceType = device.DeviceTypeEnum;
export const DEVICE_TYPES: readonly DeviceType[] = ['smart_meter', 'sub_meter', 'sensor', 'gateway', 'actuator', 'other'];

export type DeviceStatus = device.StatusEnum;
export const STATUSES: readonly DeviceStatus[] = ['in_stock', 'reserved', 'deployed', 'maintenance', 'retired'];

/** Answers have every field: optional in the schema are those that a change may leave out. */
export type Device = Omit<Required<device.Device>, 'channels'> & { channels: readonly Channel[] };
/** A device of a list, with the first of its users and the number of them all. */
export type ListedDevice = Omit<Required<device.ListedDevice>, 'channels'> & { channels: readonly Channel[] };
export type SendingState = MonitoredDevice['state'];
export const SENDING_STATES: readonly SendingState[] = ['live', 'late', 'silent', 'never'];
export type BulkAction = device.BulkRequest['action'];
export type BulkReport = device.BulkReport;
/** The name is null when the account was deleted. */
export type Assignment = Omit<device.Assignment, 'username'> & { username: string | null };
export type LogEntry = Omit<device.LogEntry, 'old_values' | 'new_values'> & {
  old_values: Record<string, unknown>;
  new_values: Record<string, unknown>;
};

export type Channel = Required<device.Channel>;
export type ChannelValues = device.NotedChannelRequest;
export type Meter = device.Meter;
/** All meters of a device, the present one last. */
export type MeterList = device.Meters;
export type Replacement = device.ReplacementRequest;

/** A wrong cell; the message names the remedy, in English. */
export type ImportProblem = { column: string; value: string; code: string; message: string };

export type ImportLine = {
  line: number;
  serial_number: string;
  result: 'valid' | 'refused' | 'created';
  /** Of valid rows. */
  status?: DeviceStatus;
  assigned_to?: string[];
  /** Of rejected rows. */
  problems?: ImportProblem[];
};

export type ImportReport = {
  dry_run: boolean;
  rows: number;
  refused: number;
  created: number;
  statuses: Partial<Record<DeviceStatus, number>>;
  assigned: number;
  ignored_columns: string[];
  report: ImportLine[];
};
