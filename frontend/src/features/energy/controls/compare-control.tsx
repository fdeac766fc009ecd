import { Select, Switch } from '@mantine/core';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { t } from '@/lib/i18n/messages';
import type { Period } from '@/lib/energy/periods';
import classes from './compare-control.module.css';
import { useDeviceSearch } from './use-device-search';

type CompareControlProps = {
  compare: string | null;
  /** The compared device, if it is a device. */
  other: MonitoredDevice | null;
  period: Period;
  /** Devices to compare with; more of them, up to `total`, are found by the server. */
  devices: MonitoredDevice[];
  total: number;
  /** The shown device. */
  shown: MonitoredDevice | null;
  onChange: (compare: string | null) => void;
};

/** A switch for the comparison, and a field for its subject. */
export function CompareControl({ compare, other, period, devices, total, shown, onChange }: CompareControlProps) {
  const periods = [
    { value: 'previous', label: t.compare.previous[period] },
    // For a year, it would be the same choice as the previous one.
    ...(period === 'year' ? [] : [{ value: 'year', label: t.compare.yearAgo[period] }]),
  ];
  const { offered, field } = useDeviceSearch(devices, total, other?.name ?? periods.find(({ value }) => value === compare)?.label);
  const known = other === null || offered.some(({ device_id: id }) => id === other.device_id) ? offered : [other, ...offered];
  return (
    <div className={classes.compare}>
      <Switch
        label={t.compare.label}
        checked={compare !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? 'previous' : null)}
        classNames={{ track: classes.track ?? '' }}
        data-testid="compare-switch"
      />
      {compare === null ? null : (
        <Select
          aria-label={t.compare.with}
          data-testid="compare-with"
          size="xs"
          className={classes.with}
          value={compare}
          onChange={(value) => onChange(value)}
          {...field}
          allowDeselect={false}
          comboboxProps={{ width: 240, position: 'bottom-end' }}
          data={[
            ...periods,
            ...known
              .filter((device) => device.device_id !== shown?.device_id)
              .map((device) => ({ value: device.device_id, label: device.name })),
          ]}
        />
      )}
    </div>
  );
}
