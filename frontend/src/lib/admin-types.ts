// Shapes of what only administrators read and write.
import type { Role, User } from './api-types';

export type Account = User & { created_at: string; last_login: string | null };

export type NewAccount = Pick<User, 'username' | 'email' | 'first_name' | 'last_name' | 'phone'> & {
  role: Role;
  password: string;
};

export const DEVICE_TYPES = ['smart_meter', 'sub_meter', 'sensor', 'gateway', 'actuator', 'other'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

export const STATUSES = ['in_stock', 'reserved', 'deployed', 'maintenance', 'retired'] as const;
export type DeviceStatus = (typeof STATUSES)[number];

export type Device = {
  id: string;
  name: string;
  description: string;
  device_type: DeviceType;
  serial_number: string;
  manufacturer: string;
  model: string;
  location: string;
  status: DeviceStatus;
  max_consumption: number | null;
  timezone: string;
  interval_seconds: number;
  reading_kind: 'interval' | 'cumulative';
  register_digits: number | null;
  max_power_kw: number | null;
  purchase_date: string | null;
  deploy_date: string | null;
  last_maintenance_date: string | null;
  specifications: Record<string, unknown>;
  created_at: string;
  updated_at: string;
};

export type Assignment = {
  device_id: string;
  user_id: string;
  /** Empty or null: the account was deleted. */
  username: string | null;
  assigned_at: string;
  assigned_by: string;
  ended_at: string | null;
  ended_by: string | null;
};

export type LogEntry = {
  id: number;
  device_id: string;
  occurred_at: string;
  actor_name: string;
  action: 'created' | 'updated' | 'status_changed' | 'assigned' | 'unassigned' | 'deleted';
  old_values: Record<string, unknown>;
  new_values: Record<string, unknown>;
  notes: string;
  request_id: string;
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
