import { SegmentedControl, VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import { useShortcuts } from '@/lib/hooks/shortcuts';
import { t } from '@/lib/i18n/messages';
import { parsePeriod, PERIODS, type Period } from '@/lib/energy/periods';
import classes from './period-tabs.module.css';
import { useScreen } from './use-screen';

/** The four usual periods; none is chosen while another one is shown. */
export const PeriodTabs = memo(function PeriodTabs({ period, onChange }: { period: Period | null; onChange: (period: Period) => void }) {
  useShortcuts({ d: () => onChange('day'), w: () => onChange('week'), m: () => onChange('month'), y: () => onChange('year') });
  const { letters } = useScreen();
  return (
    <SegmentedControl
      className={classes.tabs}
      aria-label={t.span.group}
      data-testid="period-tabs"
      value={PERIODS.find((value) => value === period) ?? ''}
      onChange={(value) => onChange(parsePeriod(value))}
      data={PERIODS.map((value) => ({ value, label: letters ? <Letter name={t.span.names[value]} /> : t.span.names[value] }))}
    />
  );
});

/** The first letter of a name, for a screen without room for the name. */
function Letter({ name }: { name: string }) {
  return (
    <>
      <span aria-hidden>{name.slice(0, 1)}</span>
      <VisuallyHidden>{name}</VisuallyHidden>
    </>
  );
}
