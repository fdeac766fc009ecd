import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { hourSpans, pointsOfDay } from '@/lib/energy/day-answer';
import type { Day } from '@/lib/energy/days';
import { hasOtherTime, hoursBeside, periodAYearBefore, periodBefore, slotsBeside, type OtherTime } from '@/lib/energy/other-period';
import { hourSpansOf, isDays, isOfClock, periodBounds, resolutionOf, samePeriod, slotSpans, type Period, type Resolution } from '@/lib/energy/periods';
import { firstHourOf } from '@/lib/energy/power';
import { slotsOf, together, type Slot } from '@/lib/energy/slots';
import { FEW_STACKED, layersOf, OTHERS, type Layer } from '@/lib/energy/stacking';
import { useNow } from '@/lib/hooks/use-now';
import { t } from '@/lib/i18n/messages';
import { nearName, periodName } from '@/lib/labels/period-labels';
import type { DailyEnergy, MonitoredDevice, Series } from '@/lib/transport/api-types';
import { afterFailure } from '@/lib/transport/query-client';
import type { ReadyView } from '../model/use-energy-view';
import { energyQuery } from './queries';

/** While the live connection is unavailable, a period that holds now is fetched again this often. */
const WITHOUT_LIVE_EVERY_MS = 30_000;

export type OtherPeriod = {
  name: string;
  /** The name beside this period, which says the year. */
  near: string;
  /** Its slots in the places of those that they are compared with. */
  slots: readonly Slot[];
};

export type PeriodData = {
  period: Period;
  /** The kind of its slots. */
  kind: Resolution;
  date: Day;
  zone: string;
  /** All devices, switched off or not. */
  layers: Layer[];
  /** The layers that are switched on. */
  visible: Layer[];
  /** The sum of the layers that are switched on. */
  slots: Slot[];
  other: OtherPeriod | null;
  /** Instant of the states of the slots. */
  now: number;
  /** Names of devices that could not be read. */
  failed: string[];
};

/** The subject of a comparison: another time of the same devices, or the same time of another device. */
export type Target = OtherTime & { name: string; near: string; devices: MonitoredDevice[] };

type FailedOrNot = Parameters<typeof afterFailure>[0];

type Compared = Pick<ReadyView, 'compare' | 'other' | 'devices' | 'period' | 'date' | 'allTime'>;

function targetOf({ compare, other, devices, period, date, allTime }: Compared): Target | null {
  if (other !== null) return { period, date, dayFor: (day) => day, name: other.name, near: other.name, devices: [other] };
  if (allTime || !hasOtherTime(period) || (compare === null && devices.length > FEW_STACKED)) return null;
  const then = compare === 'year' ? periodAYearBefore(period, date) : periodBefore(period, date);
  return { ...then, name: periodName(then.period, then.date), near: nearName(then.period, then.date, date), devices };
}

type Answer = DailyEnergy | Series;

/** Reduce the results to what the page needs. A function of the module: its result stays the same object while no answer changes. */
function combine(results: UseQueryResult<Answer>[]) {
  const failed = results.find((query) => query.isError && query.data === undefined);
  return {
    answers: results.map((query) => query.data ?? null),
    settled: results.every((query) => !query.isPending),
    failure: failed?.error ?? null,
    // Of interest after a failure alone: reading the same answers again draws nothing.
    fetching: failed !== undefined && results.some((query) => query.isFetching),
    retry: results.filter((query) => query.isError).map((query) => query.refetch),
  };
}

const isKnown = (answer: Answer) =>
  'hourly_data' in answer ? answer.hours_with_data > 0 : answer.points.some((point) => point.total_consumption !== null);

const pointsOf = (answer: Answer) => ('hourly_data' in answer ? pointsOfDay(answer) : answer.points);

type DaysOfView = Pick<ReadyView, 'period' | 'date' | 'zone' | 'all'> & { kind: Resolution };

/** Return the slots of a device in their own order; the hours of a single device are those that the service counts. */
function ownSlots(answer: Answer, device: MonitoredDevice, days: DaysOfView, now: number): Slot[] {
  const { period, date, zone, all, kind } = days;
  const first = firstHourOf([device]);
  if ('hourly_data' in answer) return slotsOf(hourSpans(answer), pointsOf(answer), now, first);
  const starts = answer.points.map((point) => Date.parse(point.start));
  const spans =
    kind === 'hour' && !all
      ? hourSpansOf(starts, periodBounds(period, date, zone).end, zone, true)
      : slotSpans(period, date, zone, kind);
  return slotsOf(spans, answer.points, now, first);
}

/** Read the energy of the view's period and of the one that it is compared with. */
export function usePeriodData(view: ReadyView, live: boolean) {
  const { devices, all, period, date, zone, today, hidden, quarters } = view;
  const now = useNow(15_000);
  const isPolled = !live && samePeriod(period, date, today);
  const refetchInterval = (query: FailedOrNot) => afterFailure(query) || (isPolled && WITHOUT_LIVE_EVERY_MS);
  const { compare, other, allTime } = view;
  const target = useMemo(
    () => targetOf({ compare, other, devices, period, date, allTime }),
    [compare, other, devices, period, date, allTime],
  );
  const kind = resolutionOf(period, quarters);
  // The parts of months are compared with as many days, wherever their months begin.
  const otherKind = kind === 'month' && isDays(period) && other === null ? 'day' : kind;
  const own = useQueries({
    queries: devices.map((device) => ({ ...energyQuery(device.device_id, period, date, zone, all, kind), refetchInterval })),
    combine,
  });
  const others = useQueries({
    queries: (target?.devices ?? []).map((device) =>
      energyQuery(device.device_id, target?.period ?? period, target?.date ?? date, zone, all, otherKind),
    ),
    combine,
  });

  const nothing = own.answers.every((answer) => answer === null || !isKnown(answer));
  // While the answer of a device is missing, it is not known that nothing was measured.
  const error = own.settled && nothing ? own.failure : null;
  const off = hidden.join(' ');

  const data = useMemo((): PeriodData | null => {
    if (!own.settled || error !== null) return null;
    const known = devices.flatMap((device, index) => {
      const answer = own.answers[index];
      return answer == null ? [] : [{ id: device.device_id, name: device.name, slots: ownSlots(answer, device, { period, date, zone, all, kind }, now) }];
    });
    const layers = layersOf(known, t.all.others);
    const offIds = new Set(off === '' ? [] : off.split(' '));
    const visible = layers.filter((layer) => !offIds.has(layer.id));
    // The same devices on both sides: what is switched off is not compared either.
    const on = new Set(visible.map((layer) => layer.id));
    const coloured = new Set(layers.map((layer) => layer.id));
    const counts = (id: string) => on.has(id) || (!coloured.has(id) && on.has(OTHERS));
    const sum = visible.length === 0 ? slotsOf(slotSpans(period, date, zone, kind), [], now, firstHourOf(devices)) : sumOf(visible.map((layer) => layer.slots));
    const compared = (target?.devices ?? []).flatMap((device, index) => {
      const answer = others.answers[index];
      if (answer == null || target === null || (target.devices.length > 1 && !counts(device.device_id))) return [];
      return [
        isOfClock(kind)
          ? ownSlots(answer, device, { period: target.period, date: target.date, zone, all, kind }, now)
          : slotsBeside(sum, target.dayFor, pointsOf(answer), zone, now, firstHourOf([device])),
      ];
    });
    const before = sumOf(compared);
    const beside = target !== null && isOfClock(kind) ? hoursBeside(sum, before, target.dayFor) : before;
    return {
      period,
      kind,
      date,
      zone,
      layers,
      visible,
      slots: sum,
      other: target === null || compared.length === 0 ? null : { name: target.name, near: target.near, slots: beside },
      now,
      failed: devices.filter((_, index) => own.answers[index] == null).map((device) => device.name),
    };
  }, [own.settled, own.answers, others.answers, error, devices, period, date, kind, zone, all, off, now, target]);

  // The figures of other devices must not stand under this device's name, so only a period of the same devices stays.
  const ids = devices.map((device) => device.device_id).join(' ');
  const latest = useLatest(error === null ? data : null, error === null ? ids : '');
  return {
    data: latest,
    stale: latest !== null && data === null,
    error,
    retrying: own.fetching,
    retry: () => {
      for (const refetch of own.retry) void refetch();
    },
  };
}

function sumOf(series: Slot[][]): Slot[] {
  return series.length === 1 ? (series[0] ?? []) : together(series);
}

/**
 * Return the value, and while it is null the latest one of the same key: the former period stays until the next is
 * complete. `placeholderData` cannot do it: with `useQueries` a new key is a new observer, which has no former data.
 */
function useLatest<T>(value: T | null, key: string): T | null {
  const [latest, setLatest] = useState<{ key: string; value: T } | null>(null);
  if (value !== null && latest?.value !== value) setLatest({ key, value });
  return value ?? (latest?.key === key ? latest.value : null);
}
