import { SegmentedControl } from '@mantine/core';
import { useShortcuts } from '@/lib/hooks/shortcuts';
import { t } from '@/lib/i18n/messages';
import { parsePeriod, PERIODS, type Period } from '@/lib/energy/periods';
import classes from './period-tabs.module.css';

/** The four usual periods; none is chosen while another one is shown. */
export function PeriodTabs({ period, onChange }: { period: Period | null; onChange: (period: Period) => void }) {
  useShortcuts({ d: () => onChange('day'), w: () => onChange('week'), m: () => onChange('month'), y: () => onChange('year') });
  return (
    <SegmentedControl
      className={classes.tabs}
      aria-label={t.span.group}
      data-testid="period-tabs"
      value={PERIODS.find((value) => value === period) ?? ''}
      onChange={(value) => onChange(parsePeriod(value))}
      data={PERIODS.map((value) => ({ value, label: t.span.names[value] }))}
    />
  );
}
