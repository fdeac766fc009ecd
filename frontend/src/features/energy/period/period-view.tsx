import { Button } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { BarsIcon } from '@/components/icons';
import { Card } from '@/components/card';
import { LoadError } from '@/components/load-error';
import { StatePanel } from '@/components/state-panel';
import { dayOf, type Day } from '@/lib/energy/days';
import { dayPlain } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { periodTitle } from '@/lib/labels/period-labels';
import { dayAfter, type Period } from '@/lib/energy/periods';
import { firstHourOf } from '@/lib/energy/power';
import { total } from '@/lib/energy/series';
import { ChartSkeleton, DaySkeleton } from '../day/day-skeleton';
import classes from '../day/day-view.module.css';
import noData from '../day/no-data.module.css';
import { PeriodSummary } from './period-summary';
import type { Change, ReadyView } from '../model/use-energy-view';
import { targetOf, usePeriodData } from '../api/use-period-data';

const PeriodCharts = lazy(async () => ({ default: (await import('./period-charts')).PeriodCharts }));

type PeriodViewProps = { view: ReadyView; live: boolean; show: (change: Change) => void };

/** A week, a month or a year of one device, and any period of all of them. */
export function PeriodView({ view, live, show }: PeriodViewProps) {
  const { devices, period, date, zone, hidden } = view;
  const target = targetOf(view);
  const { data, stale, error, retry, retrying } = usePeriodData({ devices, period, date, zone, hidden, target, live });

  if (error !== null) {
    return (
      <Card title={t.use.title[period]}>
        <LoadError error={error} onRetry={retry} retrying={retrying} />
      </Card>
    );
  }
  if (data === null) return <DaySkeleton period={period} />;
  const empty = data.layers.every((layer) => total(layer.slots) === null);
  return (
    <div className={classes.day} data-stale={stale || undefined} aria-busy={stale} data-testid="period-view">
      <PeriodSummary view={view} data={data} />
      {empty ? (
        <Card title={t.use.title[data.period]}>
          <NothingMeasured view={view} period={data.period} date={data.date} show={show} />
        </Card>
      ) : (
        <Suspense fallback={<ChartSkeleton title={t.use.title[data.period]} />}>
          <PeriodCharts view={view} data={data} retry={retry} show={show} />
        </Suspense>
      )}
    </div>
  );
}

type NothingMeasuredProps = { view: ReadyView; period: Period; date: Day; show: (change: Change) => void };

function NothingMeasured({ view, period, date, show }: NothingMeasuredProps) {
  const last = view.devices.flatMap((device) => device.last_reading_at ?? []).toSorted().at(-1);
  const first = firstHourOf(view.devices);
  const firstDay = Number.isFinite(first) ? dayOf(first, view.zone) : null;
  const early = firstDay !== null && dayAfter(period, date) <= firstDay;
  const day = early ? firstDay : last === undefined ? null : dayOf(last, view.zone);
  return (
    <div className={noData.frame}>
      <StatePanel
        testId="no-data"
        icon={<BarsIcon />}
        title={t.use.noData(periodTitle(period, date))}
        text={day === null ? t.noData.never : early ? t.use.noDataBefore(dayPlain(day)) : t.use.noDataText}
        action={
          day === null ? undefined : (
            <Button variant="light" onClick={() => show({ date: day })} data-testid="no-data-go">
              {t.use.goLast(periodTitle(period, day))}
            </Button>
          )
        }
      />
    </div>
  );
}
