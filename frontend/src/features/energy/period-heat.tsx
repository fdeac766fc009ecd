import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Day } from '@/lib/days';
import { periodTitle } from '@/lib/period-labels';
import { HeatMap } from './heat-map';
import { seriesQuery } from './queries';
import type { ReadyView } from './use-energy-view';
import type { PeriodData } from './use-period-data';

/** The hours behind a week's or month's bars. */
export function PeriodHeat({ view, data, onDay }: { view: ReadyView; data: PeriodData; onDay: (day: Day) => void }) {
  const off = new Set(view.hidden);
  const devices = view.devices.filter((device) => !off.has(device.device_id));
  const hours = useQueries({
    queries: devices.map((device) => seriesQuery(device.device_id, data.period, data.date, data.zone, 'hour')),
  });
  const days = useMemo(() => data.slots.map((slot) => slot.day), [data.slots]);
  return (
    <HeatMap
      days={days}
      devices={hours.flatMap(({ data: series }) => (series === undefined ? [] : [series.points]))}
      zone={data.zone}
      title={periodTitle(data.period, data.date)}
      today={view.today}
      busy={hours.some((query) => query.isPending)}
      onDay={(day) => onDay(day > view.today ? view.today : day)}
    />
  );
}
