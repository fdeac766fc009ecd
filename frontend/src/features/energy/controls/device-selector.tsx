import { Select, type ComboboxItem } from '@mantine/core';
import { memo, useRef } from 'react';
import { MeterIcon } from '@/components/icons';
import { useShortcuts } from '@/lib/hooks/shortcuts';
import { MOST_STACKED } from '@/lib/energy/stacking';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { figure } from '@/lib/labels/format';
import { freshnessOf } from '@/lib/labels/freshness';
import { t } from '@/lib/i18n/messages';
import { useNow } from '@/lib/hooks/use-now';
import classes from './device-selector.module.css';
import { useDeviceSearch } from './use-device-search';
import { ALL } from '../model/address';

type DeviceSelectorProps = {
  device: MonitoredDevice | null;
  devices: MonitoredDevice[];
  /** Number of all devices; if there are more than listed, the server searches them. */
  total: number;
  disabled: boolean;
  /** All of them can be shown as a stack. */
  stackable: boolean;
  all: boolean;
  onChange: (deviceId: string) => void;
};

export const DeviceSelector = memo(function DeviceSelector({ device, devices, total, disabled, stackable, all, onChange }: DeviceSelectorProps) {
  const { offered, field } = useDeviceSearch(devices, total, device?.name);
  const choices = device === null || offered.some(({ device_id: id }) => id === device.device_id) ? offered : [device, ...offered];
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => input.current?.focus() });
  const tooMany = total > MOST_STACKED;
  const byId = new Map(choices.map((choice) => [choice.device_id, choice]));

  return (
    <Select
      ref={input}
      title={all ? t.all.option : device?.name}
      classNames={{ input: classes.input }}
      aria-label={t.device.select}
      placeholder={t.device.select}
      data-testid="device-selector"
      leftSection={<MeterIcon size={18} />}
      leftSectionPointerEvents="none"
      data={[
        ...(stackable || tooMany ? [{ value: ALL, label: t.all.option, disabled: tooMany }] : []),
        ...choices.map(({ device_id: value, name: label }) => ({ value, label })),
      ]}
      value={all ? ALL : (device?.device_id ?? null)}
      onChange={(id) => {
        if (id !== null && id !== (all ? ALL : device?.device_id)) onChange(id);
      }}
      {...field}
      allowDeselect={false}
      disabled={disabled}
      // In the library's scroll area a long name would push the figures out of sight.
      withScrollArea={false}
      styles={{ dropdown: { maxHeight: 360, overflowY: 'auto' } }}
      comboboxProps={{ width: 'min(320px, calc(100vw - 24px))', position: 'bottom-start' }}
      renderOption={({ option }) => <DeviceOption option={option} device={byId.get(option.value)} />}
    />
  );
});

function DeviceOption({ option, device }: { option: ComboboxItem; device: MonitoredDevice | undefined }) {
  const now = useNow(15_000);
  if (option.value === ALL) {
    return (
      <span className={classes.all}>
        {option.label}
        {option.disabled === true ? <span className={classes.limit}>{t.all.limit(MOST_STACKED)}</span> : null}
      </span>
    );
  }
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
