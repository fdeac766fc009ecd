import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Series } from '@/lib/transport/api-types';
import { Card } from '@/components/card';
import { LoadError } from '@/components/load-error';
import { t } from '@/lib/i18n/messages';
import { addDays, daysBetween, type Day } from '@/lib/energy/days';
import { dayAfter, daysFrom, firstDay, type Period } from '@/lib/energy/periods';
import { firstHourOf } from '@/lib/energy/power';
import { periodName } from '@/lib/labels/period-labels';
import { HeatMap } from '../charts/heat-map';
import { seriesQuery } from '../api/queries';
import type { Change } from '../model/address';
import type { ReadyView } from '../model/use-energy-view';
import type { PeriodData } from '../api/use-period-data';

function combine(results: UseQueryResult<Series>[]) {
  const failed = results.find((query) => query.isError && query.data === undefined);
  return {
    points: results.flatMap((query) => (query.data === undefined ? [] : [query.data.points])),
    error: failed?.error ?? null,
    pending: results.some((query) => query.isPending),
    fetching: results.some((query) => query.isFetching),
    retry: results.filter((query) => query.isError).map((query) => query.refetch),
  };
}

/** The most days whose hours fit into one answer of the service, 2,000 hours. */
const MOST_DAYS = 80;

/** Return the days of the period in parts, each of which is one answer. */
function partsOf(period: Period, date: Day): { period: Period; date: Day }[] {
  const [first, after] = [firstDay(period, date), dayAfter(period, date)];
  if (daysBetween(first, after) <= MOST_DAYS) return [{ period, date }];
  const half = addDays(first, MOST_DAYS);
  const last = addDays(after, -1);
  return [
    { period: daysFrom(first, addDays(half, -1)), date: addDays(half, -1) },
    { period: daysFrom(half, last), date: last },
  ];
}

/** The hours behind the bars of a period of days. */
export function PeriodHeat({ view, data, show }: { view: ReadyView; data: PeriodData; show: (change: Change) => void }) {
  const off = new Set(view.hidden);
  const devices = view.devices.filter((device) => !off.has(device.device_id));
  const hours = useQueries({
    queries: devices.flatMap((device) =>
      partsOf(data.period, data.date).map((part) => seriesQuery(device.device_id, part.period, part.date, data.zone, 'hour')),
    ),
    combine,
  });
  const days = useMemo(() => data.slots.map((slot) => slot.day), [data.slots]);
  // Without the hours of one device the sums would be too small.
  if (hours.error !== null) {
    return (
      <Card title={t.heat.title} testId="heat-map">
        <LoadError error={hours.error} onRetry={() => hours.retry.forEach((refetch) => void refetch())} retrying={hours.fetching} />
      </Card>
    );
  }
  return (
    <HeatMap
      first={firstHourOf(devices)}
      days={days}
      devices={hours.points}
      zone={data.zone}
      title={periodName(data.period, data.date)}
      today={view.today}
      now={data.now}
      busy={hours.pending}
      weekdays={view.weekdays}
      onWeekdays={(weekdays) => show({ weekdays })}
      onDay={(day) => show({ date: day > view.today ? view.today : day, period: 'day' })}
    />
  );
}
