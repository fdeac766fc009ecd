import { NativeSelect, Switch } from '@mantine/core';
import type { MonitoredDevice } from '@/lib/api-types';
import { t } from '@/lib/messages';
import type { Period } from '@/lib/periods';
import classes from './compare-control.module.css';

type CompareControlProps = {
  compare: string | null;
  period: Period;
  /** Other devices to compare with. */
  others: MonitoredDevice[];
  onChange: (compare: string | null) => void;
};

/** A visible switch, and beside it with what. */
export function CompareControl({ compare, period, others, onChange }: CompareControlProps) {
  const periods = [
    { value: 'previous', label: t.compare.previous[period] },
    // A year before a year is the year before.
    ...(period === 'year' ? [] : [{ value: 'year', label: t.compare.yearAgo }]),
  ];
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
        <NativeSelect
          aria-label={t.compare.with}
          data-testid="compare-with"
          size="xs"
          className={classes.with}
          value={compare}
          onChange={(event) => onChange(event.currentTarget.value)}
          data={[...periods, ...others.map((device) => ({ value: device.device_id, label: device.name }))]}
        />
      )}
    </div>
  );
}
