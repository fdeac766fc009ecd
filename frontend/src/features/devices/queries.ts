// Devices as administrators read and change them.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Account, Assignment, Device, ImportReport, LogEntry } from '@/lib/transport/admin-types';
import { api, withQuery } from '@/lib/transport/api-client';
import type { Page } from '@/lib/transport/api-types';
import type { Step } from './device-lifecycle';
import { ApiError } from '@/lib/transport/http';

export const PAGE_SIZE = 25;
const LOG_PAGE = 20;
/** A file of 10,000 rows is checked and stored within a minute. */
const BULK_TIMEOUT_MS = 120_000;

export type DeviceFilter = { search: string; status: string; device_type: string; assigned_to: string };

export function devicesQuery(filter: DeviceFilter, page: number) {
  const path = withQuery('/api/devices/', { ...filter, page, page_size: PAGE_SIZE });
  return queryOptions({
    queryKey: ['manage', 'devices', 'list', filter, page] as const,
    queryFn: ({ signal }) => api<Page<Device>>(path, { signal }),
    placeholderData: keepPreviousData,
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
