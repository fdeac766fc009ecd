import { lazy, Suspense } from 'react';
import { Card } from '@/components/card';
import { LoadError } from '@/components/load-error';
import { resolutionOf } from '@/lib/energy/periods';
import { total } from '@/lib/energy/slots';
import { t } from '@/lib/i18n/messages';
import { slotName } from '@/lib/labels/period-labels';
import { isNotFound } from '../api/queries';
import { usePeriodData } from '../api/use-period-data';
import type { Change } from '../model/address';
import type { ReadyView } from '../model/use-energy-view';
import { HourReadings } from './hour-readings';
import { NoData } from './no-data';
import { ChartSkeleton, PeriodSkeleton } from './period-skeleton';
import { PeriodSummary } from './period-summary';
import classes from './period-view.module.css';

// Recharts is larger than the rest of the page: loaded separately, it does not delay the figures.
const PeriodCharts = lazy(async () => ({ default: (await import('./period-charts')).PeriodCharts }));

type PeriodViewProps = { view: ReadyView; live: boolean; show: (change: Change) => void };

/** A day, week, month or year of one device or of all. */
export function PeriodView({ view, live, show }: PeriodViewProps) {
  const { data, stale, error, retry, retrying } = usePeriodData(view, live);

  // A device that no longer exists: the list is read again in a moment, and the page then shows that.
  if (error !== null && !isNotFound(error)) {
    return (
      <Card title={t.use.title[resolutionOf(view.period)]}>
        <LoadError error={error} onRetry={retry} retrying={retrying} />
      </Card>
    );
  }
  if (data === null) return <PeriodSkeleton period={view.period} />;
  const { period, date, zone } = data;
  const empty = data.layers.every((layer) => total(layer.slots) === null);
  const opened = view.hour === null ? undefined : data.slots.find((slot) => slot.start === Date.parse(view.hour ?? ''));
  return (
    <div className={classes.period} data-stale={stale || undefined} aria-busy={stale} data-testid="period-view">
      <PeriodSummary view={view} data={data} />
      {empty ? (
        <Card title={t.use.title[resolutionOf(period)]} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
          <NoData view={view} period={period} date={date} show={show} />
        </Card>
      ) : (
        <Suspense fallback={<ChartSkeleton title={t.use.title[resolutionOf(period)]} />}>
          <PeriodCharts view={view} data={data} retry={retry} show={show} />
        </Suspense>
      )}
      {opened === undefined ? null : (
        <HourReadings
          key={opened.start}
          device={view.device}
          hour={new Date(opened.start).toISOString()}
          name={slotName(opened, zone)}
          zone={zone}
          onClose={() => show({ hour: null })}
        />
      )}
    </div>
  );
}
