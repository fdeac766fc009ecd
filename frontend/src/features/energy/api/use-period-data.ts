import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import type { Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';
import { nearTitle, periodTitle } from '@/lib/labels/period-labels';
import { firstHourOf } from '@/lib/energy/power';
import { shift, slotSpans, type Period } from '@/lib/energy/periods';
import { slotsOf, together, type Slot } from '@/lib/energy/series';
import { layersOf, OTHERS, type Layer } from '@/lib/energy/stacking';
import { useNow } from '@/lib/hooks/use-now';
import type { ReadyView } from '../model/use-energy-view';
import type { Compared } from '../model/period-readouts';
import { seriesQuery } from './queries';

/** While the live connection is away, a period that holds now is asked for again this often. */
const WITHOUT_LIVE_EVERY_MS = 30_000;

export type PeriodData = {
  period: Period;
  date: Day;
  zone: string;
  /** All devices, switched off or not. */
  layers: Layer[];
  /** The layers that are switched on. */
  shown: Layer[];
  /** Their sum. */
  slots: Slot[];
  other: (Compared<Slot> & { near: string }) | null;
  /** When it was looked at. */
  now: number;
  /** Names of devices that could not be read. */
  failed: string[];
};

export type Target = {
  name: string;
  /** Beside this period, which says the year. */
  near: string;
  date: Day;
  devices: MonitoredDevice[];
};

type Wanted = {
  devices: MonitoredDevice[];
  period: Period;
  date: Day;
  zone: string;
  hidden: string[];
  target: Target;
  live: boolean;
};

/** What a comparison is with: another time of the same devices, or the same time of another device. */
export function targetOf({ compare, other, devices, period, date }: ReadyView): Target {
  if (other !== null) return { name: other.name, near: other.name, date, devices: [other] };
  const then = shift(compare === 'year' ? 'year' : period, date, -1);
  return { name: periodTitle(period, then), near: nearTitle(period, then, date), date: then, devices };
}

export function usePeriodData({ devices, period, date, zone, hidden, target, live }: Wanted) {
  const now = useNow(15_000);
  const refetchInterval = live ? (false as const) : WITHOUT_LIVE_EVERY_MS;
  const own = useQueries({
    queries: devices.map((device) => ({ ...seriesQuery(device.device_id, period, date, zone), refetchInterval })),
  });
  const others = useQueries({
    queries: target.devices.map((device) => seriesQuery(device.device_id, period, target.date, zone)),
  });

  const settled = own.every((query) => !query.isPending);
  const failed = own.find((query) => query.isError && query.data === undefined);
  const nothing = own.every(({ data: series }) => series?.points.every((point) => point.total_consumption === null) ?? true);
  // That nothing was measured cannot be said while somebody's answer is missing.
  const error = settled && nothing ? (failed?.error ?? null) : null;
  const ids = devices.map((device) => device.device_id).join(' ');
  const off = hidden.join(' ');
  const ownData = own.map((query) => query.data);
  const otherData = others.map((query) => query.data);

  const data = useMemo((): PeriodData | null => {
    if (!settled || error !== null) return null;
    const spans = slotSpans(period, date, zone);
    const read = devices.flatMap((device, index) => {
      const series = ownData[index];
      return series === undefined
        ? []
        : [{ id: device.device_id, name: device.name, slots: slotsOf(spans, series.points, now, firstHourOf([device])) }];
    });
    const layers = layersOf(read, t.all.others);
    const offIds = new Set(off === '' ? [] : off.split(' '));
    const shown = layers.filter((layer) => !offIds.has(layer.id));
    const thenSpans = slotSpans(period, target.date, zone);
    // The same devices on both sides: what is switched off is not compared either.
    const on = new Set(shown.map((layer) => layer.id));
    const coloured = new Set(layers.map((layer) => layer.id));
    const counts = (id: string) => on.has(id) || (!coloured.has(id) && on.has(OTHERS));
    const then = target.devices.flatMap((device, index) => {
      const series = otherData[index];
      const compared = target.devices.length === 1 || counts(device.device_id);
      return series === undefined || !compared ? [] : [slotsOf(thenSpans, series.points, now, firstHourOf([device]))];
    });
    return {
      period,
      date,
      zone,
      layers,
      shown,
      slots: shown.length === 0 ? slotsOf(spans, [], now, firstHourOf(devices)) : shown.length === 1 ? (shown[0]?.slots ?? []) : together(shown.map((layer) => layer.slots)),
      other: then.length === 0 ? null : { name: target.name, near: target.near, slots: then.length === 1 ? (then[0] ?? []) : together(then) },
      now,
      failed: devices.filter((_, index) => ownData[index] === undefined).map((device) => device.name),
    };
    // eslint-disable-next-line react/exhaustive-deps -- the arrays of queries are new each time; their contents are listed
  }, [settled, error, ids, period, date, zone, off, now, target.name, target.near, target.date, ...ownData, ...otherData]);

  // The former period stays in sight, dimmed, until the next one is here; another device's would be a false answer.
  const [last, setLast] = useState<{ ids: string; data: PeriodData } | null>(null);
  useEffect(() => {
    if (data !== null) setLast({ ids, data });
  }, [data, ids]);
  const stale = data === null && error === null && last?.ids === ids;

  return {
    data: data ?? (stale ? last.data : null),
    stale,
    error,
    retrying: own.some((query) => query.isFetching),
    retry: () => {
      for (const query of own) if (query.isError) void query.refetch();
    },
  };
}
