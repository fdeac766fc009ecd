// The steps that a device may take: the service's own table, so that no button offers a step that would be
// rejected. The service decides all the same.
import type { DeviceStatus } from '@/lib/transport/admin-types';

export type Step = 'deploy' | 'recall' | 'maintenance' | 'reserve' | 'retire';

export const STEP_TO: Record<Step, DeviceStatus> = {
  deploy: 'deployed',
  recall: 'in_stock',
  maintenance: 'maintenance',
  reserve: 'reserved',
  retire: 'retired',
};

const NEXT: Record<DeviceStatus, readonly Step[]> = {
  in_stock: ['deploy', 'reserve', 'maintenance', 'retire'],
  reserved: ['deploy', 'recall'],
  deployed: ['maintenance', 'recall'],
  maintenance: ['deploy', 'recall', 'retire'],
  retired: [],
};

/** The steps that lead on from a status, the usual one first. */
export function stepsFrom(status: DeviceStatus): readonly Step[] {
  return NEXT[status];
}
