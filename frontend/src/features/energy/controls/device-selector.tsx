import { Select, type ComboboxItem } from '@mantine/core';
import { MeterIcon } from '@/components/icons';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { figure } from '@/lib/labels/format';
import { freshnessOf } from '@/lib/labels/freshness';
import { t } from '@/lib/i18n/messages';
import { useNow } from '@/lib/hooks/use-now';
import classes from './device-selector.module.css';
import { useDeviceSearch } from './use-device-search';
import { ALL } from '../model/use-energy-view';

type DeviceSelectorProps = {
  device: MonitoredDevice | null;
  devices: MonitoredDevice[];
  /** How many there are altogether; more than listed are searched by the server. */
  total: number;
  disabled: boolean;
  /** All of them can be shown as a stack. */
  stackable: boolean;
  all: boolean;
  onChange: (deviceId: string) => void;
};

export function DeviceSelector({ device, devices, total, disabled, stackable, all, onChange }: DeviceSelectorProps) {
  const { offered, field } = useDeviceSearch(devices, total, device?.name);
  const shown = device === null || offered.some((one) => one.device_id === device.device_id) ? offered : [device, ...offered];
  const byId = new Map(shown.map((one) => [one.device_id, one]));

  return (
    <Select
      className={classes.select}
      classNames={{ input: classes.input }}
      aria-label={t.device.select}
      placeholder={t.device.select}
      data-testid="device-selector"
      leftSection={<MeterIcon size={18} />}
      leftSectionPointerEvents="none"
      data={[
        ...(stackable ? [{ value: ALL, label: t.all.option }] : []),
        ...shown.map((one) => ({ value: one.device_id, label: one.name })),
      ]}
      value={all ? ALL : (device?.device_id ?? null)}
      onChange={(id) => {
        if (id !== null && id !== (all ? ALL : device?.device_id)) onChange(id);
      }}
      {...field}
      allowDeselect={false}
      disabled={disabled}
      // The library's scroll area lets a long name push the figures out of sight.
      withScrollArea={false}
      styles={{ dropdown: { maxHeight: 360, overflowY: 'auto' } }}
      comboboxProps={{ width: 320, position: 'bottom-start' }}
      renderOption={({ option }) => <DeviceOption option={option} device={byId.get(option.value)} />}
    />
  );
}

function DeviceOption({ option, device }: { option: ComboboxItem; device: MonitoredDevice | undefined }) {
  const now = useNow(15_000);
  if (option.value === ALL) return <span className={classes.label}>{option.label}</span>;
  const lastReading = device?.last_reading_at == null ? null : Date.parse(device.last_reading_at);
  const state = freshnessOf(lastReading, device?.interval_seconds ?? 600, now);
  return (
    <span className={classes.option}>
      <span className={classes.dot} data-state={state} aria-hidden />
      <span className={classes.label}>{option.label}</span>
      {device?.today_consumption == null ? null : (
        <span className={classes.today}>{t.device.today(figure(device.today_consumption))}</span>
      )}
    </span>
  );
}
