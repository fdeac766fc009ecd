import { Tag, type Tone } from '@/components/admin/tag';
import { adminMessages } from '@/lib/i18n/admin';
import type { DeviceStatus } from '@/lib/transport/admin-types';

const TONES: Record<DeviceStatus, Tone> = {
  in_stock: 'plain',
  reserved: 'brand',
  deployed: 'good',
  maintenance: 'warn',
  retired: 'bad',
};

export function StatusTag({ status }: { status: DeviceStatus }) {
  return <Tag tone={TONES[status]}>{adminMessages.devices.statuses[status]}</Tag>;
}
