import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Card } from '@/components/card';
import { LoadError } from '@/components/load-error';
import { t } from '@/lib/i18n/messages';
import { firstHourOf } from '@/lib/energy/power';
import { periodTitle } from '@/lib/labels/period-labels';
import { HeatMap } from '../charts/heat-map';
import { seriesQuery } from '../api/queries';
import type { Change, ReadyView } from '../model/use-energy-view';
import type { PeriodData } from '../api/use-period-data';

/** The hours behind a week's or month's bars. */
export function PeriodHeat({ view, data, show }: { view: ReadyView; data: PeriodData; show: (change: Change) => void }) {
  const off = new Set(view.hidden);
  const devices = view.devices.filter((device) => !off.has(device.device_id));
  const hours = useQueries({
    queries: devices.map((device) => seriesQuery(device.device_id, data.period, data.date, data.zone, 'hour')),
  });
  const days = useMemo(() => data.slots.map((slot) => slot.day), [data.slots]);
  const known = hours.map(({ data: series }) => series);
  const points = useMemo(
    () => known.flatMap((series) => (series === undefined ? [] : [series.points])),
    // eslint-disable-next-line react/exhaustive-deps -- the array is new each time; its contents are listed
    [...known],
  );
  const failed = hours.find((query) => query.isError && query.data === undefined);
  // Without one of the devices the picture would be a false one.
  if (failed?.error) {
    const again = () => hours.forEach((query) => query.isError && void query.refetch());
    return (
      <Card title={t.heat.title} testId="heat-map">
        <LoadError error={failed.error} onRetry={again} retrying={hours.some((query) => query.isFetching)} />
      </Card>
    );
  }
  return (
    <HeatMap
      first={firstHourOf(devices)}
      days={days}
      devices={points}
      zone={data.zone}
      title={periodTitle(data.period, data.date)}
      today={view.today}
      now={data.now}
      busy={hours.some((query) => query.isPending)}
      weekdays={view.weekdays}
      onWeekdays={(weekdays) => show({ weekdays })}
      onDay={(day) => show({ date: day > view.today ? view.today : day, period: 'day' })}
    />
  );
}
