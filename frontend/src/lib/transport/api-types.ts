// Names of the platform's types on the pages. The types are generated from the schemas of services and live frames
// (lib/api). Energy is kWh, instants are RFC 3339 in UTC.
import type * as auth from '@/lib/api/auth';
import type * as frames from '@/lib/api/live-frames';
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
export type Stats = monitoring.Stats;
export type Reading = monitoring.Reading;
export type Alert = monitoring.Alert;

export type HourlyUpdated = frames.HourlyUpdated;
export type PeriodUpdated = frames.PeriodUpdated;
export type AlertFrame = frames.AlertFrame;
/** An alert as the socket pushes it: new or changed. */
export type AlertNews = Omit<AlertFrame, 'type'>;
