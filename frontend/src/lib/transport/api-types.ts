// Names of the services' types on the pages. Types of HTTP are generated from the services' schemas (lib/api), types
// of the socket are here. Energy is kWh, instants are RFC 3339 in UTC.
import type * as auth from '@/lib/api/auth';
import type * as monitoring from '@/lib/api/monitoring';

export type Role = auth.RoleEnum;
/** Answers have every field: optional in the schema are those that a change may leave out. */
export type User = Required<auth.Profile>;
export type SessionAnswer = { access: string; user: User };

export type Page<T> = { count: number; next: string | null; previous: string | null; results: T[] };

export type MonitoredDevice = monitoring.DeviceState;
/** `hour` is the clock's: the same number twice on a 25-hour day. */
export type HourEntry = monitoring.DayHour;
export type PeakHour = monitoring.PeakHour;
export type DailyEnergy = monitoring.Day;
export type SeriesPoint = monitoring.Point;
export type Series = monitoring.Series;
export type Reading = monitoring.Reading;
export type Alert = monitoring.Alert;

export type HourlyUpdated = {
  type: 'hourly_updated';
  device_id: string;
  start: string;
  total_consumption: number | null;
  measurement_count: number;
  /** Hours whose energy the hour holds after a gap; absent: 1. */
  covers_hours?: number;
  last_reading_at: string | null;
  /** kWh: the energy of its interval, or the register of a cumulative device. */
  last_reading_value: number | null;
};

/** An alert as the socket pushes it: new or changed. */
export type AlertNews = Pick<
  Alert,
  'id' | 'device_id' | 'device_name' | 'timezone' | 'start' | 'limit' | 'total_consumption' | 'withdrawn'
>;
export type AlertFrame = AlertNews & { type: 'alert' };
