import { UnstyledButton } from '@mantine/core';
import type { Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';
import { barTitle, periodTitle, shortPeriodTitle } from '@/lib/labels/period-labels';
import { isDays, type Period } from '@/lib/energy/periods';
import classes from './breadcrumb.module.css';
import { useScreen } from './use-screen';

type BreadcrumbProps = {
  period: Period;
  date: Day;
  /** The opened hour, in words. */
  hour: string | null;
  onOpen: (period: Period) => void;
};

/** The levels above the shown period, each a link to it. */
export function Breadcrumb({ period, date, hour, onOpen }: BreadcrumbProps) {
  const above: Period[] = period === 'year' || isDays(period) ? [] : period === 'day' ? ['year', 'month'] : ['year'];
  const { phone } = useScreen();
  const name = (level: Period) => (phone ? shortPeriodTitle(level, date) : periodTitle(level, date));
  const here = hour ?? (phone && period === 'week' ? barTitle(period, date) : name(period));
  return (
    <nav aria-label={t.span.breadcrumb} data-testid="breadcrumb">
      <ol className={classes.levels}>
        {above.map((level) => (
          <li key={level}>
            <UnstyledButton className={classes.up} onClick={() => onOpen(level)}>
              {name(level)}
            </UnstyledButton>
          </li>
        ))}
        {hour === null ? null : (
          <li>
            <UnstyledButton className={classes.up} onClick={() => onOpen('day')}>
              {name('day')}
            </UnstyledButton>
          </li>
        )}
        <li aria-current="page">
          <h1 className={classes.here}>{here}</h1>
        </li>
      </ol>
    </nav>
  );
}
