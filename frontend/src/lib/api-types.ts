// Shapes of the platform's answers. Energy is kWh, instants are RFC 3339 in UTC.

export type Role = 'admin' | 'client';

export type User = {
  id: string;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  phone: string;
  role: Role;
  is_active: boolean;
};

export type SessionAnswer = { access: string; user: User };

export type Page<T> = { count: number; next: string | null; previous: string | null; results: T[] };

export type MonitoredDevice = {
  device_id: string;
  name: string;
  description: string;
  device_type: string;
  status: string;
  timezone: string;
  interval_seconds: number;
  reading_kind: 'interval' | 'cumulative';
  max_consumption: number | null;
  last_reading_at: string | null;
  today_consumption: number | null;
  silent: boolean;
};

export type HourEntry = {
  /** Clock hour 0-23; the same number twice on a 25-hour day. */
  hour: number;
  start: string;
  /** null: no reading in this hour. Never 0 for that. */
  total_consumption: number | null;
  measurement_count: number;
  /** The energy of this many hours lies in this one, because the meter was silent before it. */
  covers_hours?: number | null;
};

export type PeakHour = { hour: number; start: string; total_consumption: number };

export type DailyEnergy = {
  device_id: string;
  date: string;
  timezone: string;
  /** 23, 24 or 25 entries, in order. */
  hourly_data: HourEntry[];
  total_daily_consumption: number | null;
  average_hourly_consumption: number | null;
  peak_hour: PeakHour | null;
  hours_with_data: number;
};

export type HourlyUpdated = {
  type: 'hourly_updated';
  device_id: string;
  start: string;
  total_consumption: number | null;
  measurement_count: number;
  last_reading_at: string | null;
};

export type SeriesPoint = {
  start: string;
  total_consumption: number | null;
  measurement_count: number;
  hours_with_data: number;
  hours_expected: number;
  /** The energy of this many hours lies in one, because the meter was silent before it. */
  covers_hours?: number | null;
};

export type Series = {
  device_id: string;
  timezone: string;
  resolution: 'hour' | 'day' | 'month';
  start: string;
  end: string;
  points: SeriesPoint[];
};

export type Reading = { timestamp: string; measurement_value: number; revision: number };

export type Alert = {
  id: number;
  device_id: string;
  device_name: string;
  timezone: string;
  start: string;
  limit: number;
  total_consumption: number;
  withdrawn: boolean;
  acknowledged_at?: string | null;
};

/** What the socket says of an alert: a new one, or a change of one. */
export type AlertFrame = Alert & { type: 'alert' };
