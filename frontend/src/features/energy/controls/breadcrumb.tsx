import { UnstyledButton } from '@mantine/core';
import type { Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';
import { crumbTitle, periodTitle } from '@/lib/labels/period-labels';
import type { Period } from '@/lib/energy/periods';
import classes from './breadcrumb.module.css';
import { useScreen } from './use-screen';

type BreadcrumbProps = {
  period: Period;
  date: Day;
  /** The opened hour, in words. */
  hour: string | null;
  onOpen: (period: Period) => void;
};

/** The levels above what is shown, each a way up. */
export function Breadcrumb({ period, date, hour, onOpen }: BreadcrumbProps) {
  const above: Period[] = period === 'year' ? [] : period === 'day' ? ['year', 'month'] : ['year'];
  const { phone } = useScreen();
  const name = (one: Period) => (phone ? crumbTitle(one, date) : periodTitle(one, date));
  const here = hour ?? (above.length > 1 ? name(period) : periodTitle(period, date));
  return (
    <nav aria-label={t.span.breadcrumb} data-testid="breadcrumb">
      <ol className={classes.crumbs}>
        {above.map((one) => (
          <li key={one}>
            <UnstyledButton className={classes.up} onClick={() => onOpen(one)}>
              {name(one)}
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
