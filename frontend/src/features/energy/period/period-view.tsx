import { lazy, Suspense } from 'react';
import { Card } from '@/components/card';
import { Later } from '@/components/later';
import { LoadError } from '@/components/load-error';
import { resolutionOf } from '@/lib/energy/periods';
import { total, type Slot } from '@/lib/energy/slots';
import { loadedOnce } from '@/lib/hooks/use-loaded';
import { t } from '@/lib/i18n/messages';
import { slotName } from '@/lib/labels/period-labels';
import { isNotFound } from '../api/queries';
import { usePeriodData } from '../api/use-period-data';
import type { Change } from '../model/address';
import type { ReadyView } from '../model/use-energy-view';
import { NoData } from './no-data';
import { ChartSkeleton, PeriodSkeleton } from './period-skeleton';
import { PeriodSummary } from './period-summary';
import classes from './period-view.module.css';

// Loaded beside the requests for the data: it delays neither the frame of the page nor the figures.
const usePeriodCharts = loadedOnce(() => import('./period-charts'));
// Only where an hour is opened.
const HourReadings = lazy(async () => ({ default: (await import('./hour-readings')).HourReadings }));

type PeriodViewProps = { view: ReadyView; live: boolean; show: (change: Change) => void };

/** A day, week, month or year of one device or of all. */
export function PeriodView({ view, live, show }: PeriodViewProps) {
  const { data, stale, error, retry, retrying } = usePeriodData(view, live);
  const charts = usePeriodCharts();
  const shownKind = resolutionOf(view.period, view.quarters);

  // A device that no longer exists: the list is read again in a moment, and the page then shows that.
  if (error !== null && !isNotFound(error)) {
    return (
      <Card title={t.use.title[shownKind]}>
        <LoadError error={error} onRetry={retry} retrying={retrying} />
      </Card>
    );
  }
  if (data === null) return <PeriodSkeleton kind={shownKind} />;
  const { period, date, zone, kind } = data;
  const empty = data.layers.every((layer) => total(layer.slots) === null);
  const first = view.hour === null ? undefined : data.slots.find((slot) => slot.start === Date.parse(view.hour ?? ''));
  // Readings are those of an hour, of which a quarter may be the first.
  const opened: Slot | undefined = first && { ...first, kind: 'hour' };
  return (
    <div className={classes.period} data-stale={stale || undefined} aria-busy={stale} data-testid="period-view">
      <PeriodSummary view={view} data={data} />
      {empty ? (
        <Card title={t.use.title[kind]} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
          <NoData view={view} period={period} date={date} show={show} />
        </Card>
      ) : charts === null ? (
        <ChartSkeleton title={t.use.title[kind]} />
      ) : (
        <Later instead={<ChartSkeleton title={t.use.title[kind]} />}>
          <charts.PeriodCharts view={view} data={data} retry={retry} show={show} />
        </Later>
      )}
      {opened === undefined ? null : (
        <Suspense fallback={<Card title={t.readings.title(slotName(opened, zone))} busy>{null}</Card>}>
          <HourReadings
            key={opened.start}
            device={view.device}
            hour={new Date(opened.start).toISOString()}
            name={slotName(opened, zone)}
            zone={zone}
            onClose={() => show({ hour: null })}
          />
        </Suspense>
      )}
    </div>
  );
}
