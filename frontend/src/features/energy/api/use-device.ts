import { useQuery } from '@tanstack/react-query';
import type { MonitoredDevice, Page } from '@/lib/transport/api-types';
import { deviceQuery } from './queries';

/** Return a device of the list, or fetch it where the list is not complete. `device` is null while it is not known. */
export function useDevice(id: string | null, list: Page<MonitoredDevice> | undefined) {
  const listed = list?.results.find((device) => device.device_id === id);
  const beyond = list !== undefined && list.count > list.results.length;
  const query = useQuery({ ...deviceQuery(id ?? ''), enabled: id !== null && listed === undefined && beyond });
  return { device: listed ?? query.data ?? null, query };
}
