import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { Card } from '@/components/card';
import { LoadError } from '@/components/load-error';
import type { Day } from '@/lib/energy/days';
import { byClock, hoursOf } from '@/lib/energy/energy-day';
import { hourRange } from '@/lib/labels/hour-labels';
import { t } from '@/lib/i18n/messages';
import { firstHourOf } from '@/lib/energy/power';
import { useNow } from '@/lib/hooks/use-now';
import { ChartSkeleton, DaySkeleton } from './day-skeleton';
import classes from './day-view.module.css';
import { HourReadings } from './hour-readings';
import { NoData } from './no-data';
import { comparisonParts } from '../model/period-readouts';
import { dayQuery, isNotFound } from '../api/queries';
import { SummaryCards } from './summary-cards';
import type { Change, ReadyView } from '../model/use-energy-view';
import { targetOf } from '../api/use-period-data';

// Recharts is more than everything else together: the figures stand before it has arrived.
const DayCharts = lazy(async () => ({ default: (await import('./day-charts')).DayCharts }));

/** While the live connection is away, today is asked for again this often. */
const WITHOUT_LIVE_EVERY_MS = 30_000;

type DayViewProps = { view: ReadyView; live: boolean; show: (change: Change) => void };

/** The hours of one day of one device. */
export function DayView({ view, live, show }: DayViewProps) {
  const { device, zone, date, today, compare, hour } = view;
  const deviceId = device.device_id;
  const onDate = (to: Day) => show({ date: to });
  const target = targetOf(view);
  const other = target.devices[0] ?? device;
  const day = useQuery({
    ...dayQuery(deviceId, date),
    // Another day of this device stays in sight meanwhile; another device's would be a false answer.
    placeholderData: (before) => (before?.device_id === deviceId ? before : undefined),
    refetchInterval: date === today && !live ? WITHOUT_LIVE_EVERY_MS : false,
  });
  const dayBefore = useQuery(dayQuery(other.device_id, target.date));
  const now = useNow(15_000);
  const first = firstHourOf([device]);
  const firstOther = firstHourOf([other]);

  const hours = useMemo(() => (day.data === undefined ? [] : hoursOf(day.data, now, first)), [day.data, now, first]);
  const hoursBefore = useMemo(
    () => (dayBefore.data === undefined ? [] : hoursOf(dayBefore.data, now, firstOther)),
    [dayBefore.data, now, firstOther],
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
  const opened = hour === null ? undefined : hours.find((one) => one.start === Date.parse(hour));
  return (
    <div className={classes.day} data-stale={day.isPlaceholderData || undefined} aria-busy={day.isPlaceholderData}>
      <SummaryCards
        device={device}
        zone={zone}
        day={day.data}
        hours={hours}
        isToday={date === today}
        against={comparisonParts(hours, { name: target.near, slots: byClock(hours, hoursBefore) }, 'day', true)}
      />
      {empty ? (
        <Card title={t.hours.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
          <NoData device={device} zone={zone} date={date} today={today} onDate={onDate} />
        </Card>
      ) : (
        <Suspense fallback={<ChartSkeleton title={t.hours.title} />}>
          <DayCharts
            device={device}
            zone={zone}
            date={day.data.date}
            hours={hours}
            hoursBefore={hoursBefore}
            now={now}
            compared={compare === null || dayBefore.data === undefined ? null : target.name}
            table={view.table}
            onTable={(table) => show({ table })}
            onHour={(start) => show({ hour: new Date(start).toISOString() })}
          />
        </Suspense>
      )}
      {opened === undefined ? null : (
        <HourReadings
          key={opened.start}
          device={device}
          hour={new Date(opened.start).toISOString()}
          name={hourRange(opened, zone)}
          zone={zone}
          onClose={() => show({ hour: null })}
        />
      )}
    </div>
  );
}
