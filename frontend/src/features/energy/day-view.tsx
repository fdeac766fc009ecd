import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { Card } from '@/components/card';
import { LoadError } from '@/components/load-error';
import type { MonitoredDevice } from '@/lib/api-types';
import { addDays, type Day } from '@/lib/days';
import { hoursOf } from '@/lib/energy-day';
import { t } from '@/lib/messages';
import { useNow } from '@/lib/use-now';
import { ChartSkeleton, DaySkeleton } from './day-skeleton';
import classes from './day-view.module.css';
import { NoData } from './no-data';
import { dayQuery, isNotFound } from './queries';
import { SummaryCards } from './summary-cards';

// Recharts is more than everything else together: the figures stand before it has arrived.
const DayCharts = lazy(async () => ({ default: (await import('./day-charts')).DayCharts }));

/** While the live connection is away, today is asked for again this often. */
const WITHOUT_LIVE_EVERY_MS = 30_000;

type DayViewProps = {
  device: MonitoredDevice;
  zone: string;
  date: Day;
  today: Day;
  live: boolean;
  onDate: (date: Day) => void;
};

export function DayView({ device, zone, date, today, live, onDate }: DayViewProps) {
  const deviceId = device.device_id;
  const day = useQuery({
    ...dayQuery(deviceId, date),
    // Another day of this device stays in sight meanwhile; another device's would be a false answer.
    placeholderData: (before) => (before?.device_id === deviceId ? before : undefined),
    refetchInterval: date === today && !live ? WITHOUT_LIVE_EVERY_MS : false,
  });
  const dayBefore = useQuery(dayQuery(deviceId, addDays(date, -1)));
  const now = useNow(15_000);

  const hours = useMemo(() => (day.data === undefined ? [] : hoursOf(day.data, now)), [day.data, now]);
  const hoursBefore = useMemo(
    () => (dayBefore.data === undefined ? [] : hoursOf(dayBefore.data, now)),
    [dayBefore.data, now],
  );

  if (day.data === undefined) {
    if (day.error === null || isNotFound(day.error)) return <DaySkeleton />;
    return (
      <Card title={t.hours.title}>
        <LoadError error={day.error} onRetry={() => void day.refetch()} retrying={day.isFetching} />
      </Card>
    );
  }

  const empty = day.data.hours_with_data === 0;
  return (
    <div className={classes.day} data-stale={day.isPlaceholderData || undefined} aria-busy={day.isPlaceholderData}>
      <h1 className={classes.heading}>{t.summary.title}</h1>
      <SummaryCards device={device} zone={zone} day={day.data} hours={hours} isToday={date === today} />
      {empty ? (
        <Card title={t.hours.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
          <NoData device={device} zone={zone} date={date} today={today} onDate={onDate} />
        </Card>
      ) : (
        <Suspense fallback={<ChartSkeleton />}>
          <DayCharts device={device} zone={zone} date={day.data.date} hours={hours} hoursBefore={hoursBefore} />
        </Suspense>
      )}
    </div>
  );
}
