// Devices as administrators read and change them.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  Account,
  Assignment,
  BulkAction,
  BulkReport,
  Channel,
  ChannelValues,
  Device,
  ImportReport,
  ListedDevice,
  LogEntry,
  Meter,
  MeterList,
  Replacement,
} from '@/lib/transport/admin-types';
import { api, withQuery } from '@/lib/transport/api-client';
import type { MonitoredDevice, Page } from '@/lib/transport/api-types';
import type { Step } from './device-lifecycle';
import { ApiError } from '@/lib/transport/http';

export type { ChannelValues, Replacement };

export const PAGE_SIZE = 25;
const LOG_PAGE = 20;
/** Time passes without a request: devices become late and silent. */
const STATES_EVERY_MS = 30_000;
/** The states of all devices take the service some time: a second for ten thousand. */
const ALL_STATES_EVERY_MS = 60_000;
/** A file of 10,000 rows is checked and stored within a minute. */
const BULK_TIMEOUT_MS = 120_000;

export type DeviceFilter = { search: string; status: string; device_type: string; assigned_to: string };
export type Activity = Pick<MonitoredDevice, 'state' | 'last_reading_at' | 'last_reading_value'>;

/** Orders of the list: those that device_service knows, and those of the copies in monitoring_service. */
export const ORDERINGS = ['name', 'serial_number', 'device_type', 'status', 'location', 'updated_at', 'last_reading_at'] as const;
export const ORDERINGS_BY_STATE = ['name', 'device_type', 'status', 'last_reading_at'] as const;

/** The devices of a page, and the number of them all. */
export type DeviceList = { count: number; devices: ListedDevice[] };

/** A page of devices. Its rows come from device_service; which rows, for a state or an order by last reading, from monitoring_service. */
export function devicesQuery(filter: DeviceFilter, state: string, ordering: string, page: number) {
  const query = { ...filter, ordering, page, page_size: PAGE_SIZE };
  return queryOptions({
    queryKey: ['manage', 'devices', 'list', filter, state, ordering, page] as const,
    queryFn: async ({ signal }): Promise<DeviceList> => {
      if (state === '' && !ordering.endsWith('last_reading_at')) {
        const list = await api<Page<ListedDevice>>(withQuery('/api/devices/', query), { signal });
        return { count: list.count, devices: list.results };
      }
      const list = await api<Page<MonitoredDevice>>(withQuery('/api/monitoring/devices/', { ...query, state }), { signal });
      if (list.results.length === 0) return { count: list.count, devices: [] };
      const ids = list.results.map((device) => device.device_id);
      const rows = await api<Page<ListedDevice>>(withQuery('/api/devices/', { id: ids.join(','), page_size: ids.length }), { signal });
      const byId = new Map(rows.results.map((device) => [device.id, device]));
      return { count: list.count, devices: ids.flatMap((id) => byId.get(id) ?? []) };
    },
    placeholderData: keepPreviousData,
    ...(state === '' ? {} : { refetchInterval: ALL_STATES_EVERY_MS }),
  });
}

/** Last readings and states of the devices by id; a device that monitoring_service does not know yet is missing. */
export function activityQuery(ids: readonly string[]) {
  return queryOptions({
    queryKey: ['manage', 'devices', 'activity', ids] as const,
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, Activity>> => {
      const path = withQuery('/api/monitoring/devices/', { id: ids.join(','), page_size: ids.length });
      const list = await api<Page<MonitoredDevice>>(path, { signal });
      return new Map(list.results.map((device) => [device.device_id, device]));
    },
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: STATES_EVERY_MS,
  });
}

export function deviceQuery(id: string) {
  return queryOptions({
    queryKey: ['manage', 'devices', 'one', id] as const,
    queryFn: ({ signal }) => api<Device>(`/api/devices/${encodeURIComponent(id)}/`, { signal }),
  });
}

export function assignmentsQuery(id: string) {
  return queryOptions({
    queryKey: ['manage', 'devices', 'assignments', id] as const,
    queryFn: ({ signal }) =>
      api<Page<Assignment>>(withQuery(`/api/devices/${id}/assignments/`, { history: 'true', page_size: 200 }), { signal }),
  });
}

export function metersQuery(id: string) {
  return queryOptions({
    queryKey: ['manage', 'devices', 'meters', id] as const,
    queryFn: ({ signal }) => api<MeterList>(`/api/devices/${id}/meters/`, { signal }),
  });
}

export function logQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ['manage', 'devices', 'log', id] as const,
    queryFn: ({ signal, pageParam }) =>
      api<Page<LogEntry>>(withQuery(`/api/devices/${id}/logs/`, { page: pageParam, page_size: LOG_PAGE }), { signal }),
    initialPageParam: 1,
    getNextPageParam: (last, all) => (last.next === null ? undefined : all.length + 1),
  });
}

export function userSearchQuery(search: string) {
  return queryOptions({
    queryKey: ['manage', 'devices', 'users', search] as const,
    queryFn: ({ signal }) => api<Page<Account>>(withQuery('/api/users/', { search, page_size: 20 }), { signal }),
    placeholderData: keepPreviousData,
  });
}

export function userQuery(id: string) {
  return queryOptions({
    queryKey: ['manage', 'devices', 'user', id] as const,
    queryFn: ({ signal }) => api<Account>(`/api/users/${encodeURIComponent(id)}/`, { signal }),
    retry: false,
  });
}

export type DeviceValues = Partial<Omit<Device, 'id' | 'status' | 'created_at' | 'updated_at'>>;

/** Create a device; `id` is the id under which it already sends, null lets the platform give one. */
export function createDevice(values: DeviceValues, id: string | null): Promise<Device> {
  return api<Device>('/api/devices/', { method: 'POST', body: id === null ? values : { ...values, id } });
}

export function changeDevice(id: string, values: DeviceValues): Promise<Device> {
  return api<Device>(`/api/devices/${id}/`, { method: 'PATCH', body: values });
}

export function deleteDevice(id: string): Promise<void> {
  return api<void>(`/api/devices/${id}/`, { method: 'DELETE' });
}

export function takeStep(id: string, step: Step, fields: { location?: string; notes: string }): Promise<Device> {
  return api<Device>(`/api/devices/${id}/${step}/`, { method: 'PUT', body: fields });
}

export function assign(id: string, userId: string): Promise<Assignment> {
  return api<Assignment>(`/api/devices/${id}/assignments/`, { method: 'POST', body: { user_id: userId } });
}

export function endAssignment(id: string, userId: string): Promise<void> {
  return api<void>(`/api/devices/${id}/assignments/${userId}/`, { method: 'DELETE' });
}

export function addChannel(id: string, values: ChannelValues): Promise<Channel> {
  return api<Channel>(`/api/devices/${id}/channels/`, { method: 'POST', body: values });
}

export function changeChannel(id: string, code: string, values: ChannelValues): Promise<Channel> {
  return api<Channel>(`/api/devices/${id}/channels/${code}/`, { method: 'PATCH', body: values });
}

export function deleteChannel(id: string, code: string): Promise<void> {
  return api<void>(`/api/devices/${id}/channels/${code}/`, { method: 'DELETE' });
}

export function replaceMeter(id: string, values: Replacement): Promise<Meter> {
  return api<Meter>(`/api/devices/${id}/meters/`, { method: 'POST', body: values });
}

export function undoReplacement(id: string, meterId: string): Promise<void> {
  return api<void>(`/api/devices/${id}/meters/${meterId}/`, { method: 'DELETE' });
}

/** The chosen devices: by id, or all that the filters leave, with the number that the list showed. */
export type SelectedDevices = { ids: string[] } | { filter: Partial<DeviceFilter>; count: number };
export type BulkValues = { location?: string; user_id?: string; notes: string };

export function act(action: BulkAction, selected: SelectedDevices, values: BulkValues): Promise<BulkReport> {
  return api<BulkReport>('/api/devices/bulk/', { method: 'POST', body: { action, ...selected, ...values }, timeoutMs: BULK_TIMEOUT_MS });
}

export function exportSelected(selected: SelectedDevices): Promise<string> {
  return api<string>('/api/devices/export/', { method: 'POST', body: selected, answer: 'text', timeoutMs: BULK_TIMEOUT_MS });
}

export function exportDevices(filter: DeviceFilter): Promise<string> {
  const path = withQuery('/api/devices/export/', filter);
  return api<string>(path, { answer: 'text', timeoutMs: BULK_TIMEOUT_MS });
}

/** Return the result of each row, before or after the import. A rejection with a report is an answer too. */
export async function importDevices(file: Blob, dryRun: boolean): Promise<ImportReport> {
  const path = withQuery('/api/devices/import/', { dry_run: String(dryRun) });
  try {
    return await api<ImportReport>(path, { method: 'POST', csv: file, timeoutMs: BULK_TIMEOUT_MS });
  } catch (error) {
    if (error instanceof ApiError && Array.isArray(error.members.report)) {
      return error.members as unknown as ImportReport;
    }
    throw error;
  }
}
