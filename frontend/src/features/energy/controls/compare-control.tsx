import { Select, Switch } from '@mantine/core';
import { memo } from 'react';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { t } from '@/lib/i18n/messages';
import { isDays, type Period } from '@/lib/energy/periods';
import { textOf } from '@/lib/labels/period-labels';
import classes from './compare-control.module.css';
import { useDeviceSearch } from './use-device-search';

type CompareControlProps = {
  compare: string | null;
  /** The compared device, if it is a device. */
  other: MonitoredDevice | null;
  period: Period;
  /** The period can be compared with another time. */
  otherTime: boolean;
  /** Devices to compare with; more of them, up to `total`, are found by the server. */
  devices: MonitoredDevice[];
  total: number;
  /** The shown device. */
  shown: MonitoredDevice | null;
  onChange: (compare: string | null) => void;
};

/** A switch for the comparison, and a field for its subject. */
export const CompareControl = memo(function CompareControl({ compare, other, period, otherTime, devices, total, shown, onChange }: CompareControlProps) {
  const periods = [
    ...(otherTime ? [{ value: 'previous', label: textOf(t.span.previous, period) }] : []),
    // For a year, it would be the same choice as the previous one.
    ...(otherTime && period !== 'year' ? [{ value: 'year', label: t.compare.yearAgo[isDays(period) ? 'days' : period] }] : []),
  ];
  const { offered, field } = useDeviceSearch(devices, total, other?.name ?? periods.find(({ value }) => value === compare)?.label);
  const known = other === null || offered.some(({ device_id: id }) => id === other.device_id) ? offered : [other, ...offered];
  const choices = [
    ...periods,
    ...known.filter((device) => device.device_id !== shown?.device_id).map((device) => ({ value: device.device_id, label: device.name })),
  ];
  if (choices.length === 0) return null;
  return (
    <div className={classes.compare}>
      <Switch
        label={<span className={classes.label} data-on={compare !== null || undefined}>{t.compare.label}</span>}
        checked={compare !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? (choices[0]?.value ?? null) : null)}
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
          data={choices}
        />
      )}
    </div>
  );
});
