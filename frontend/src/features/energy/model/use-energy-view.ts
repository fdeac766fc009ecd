// The view of the energy page: device or all, period, date, comparison, opened hour, chart or table. The address
// holds all of it; the parts that it leaves out are filled in and written there.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { asChannel, isAddedUp, MAIN, seriesName } from '@/lib/energy/channels';
import { dayOf, knownZone, parseDay, type Day } from '@/lib/energy/days';
import { hasOtherTime } from '@/lib/energy/other-period';
import { firstDay, shift, type Period } from '@/lib/energy/periods';
import { firstHourOf } from '@/lib/energy/power';
import { MOST_STACKED } from '@/lib/energy/stacking';
import { useNow } from '@/lib/hooks/use-now';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { allDevicesQuery, dayQuery, devicesQuery } from '../api/queries';
import { useDevice } from '../api/use-device';
import { ALL, isTime, presentAddress, shownPeriod, useAddress } from './address';
import { lastChannel, lastDevice, useRemembered, wasShownLast } from './last-device';
import { useRollOver } from './use-roll-over';

export type ReadyView = {
  state: 'ready';
  /** The shown device, or the first of all; of another channel than `main` the device as that channel. */
  device: MonitoredDevice;
  /** The shown device with all of its channels. */
  whole: MonitoredDevice;
  /** Code of the shown channel. */
  channel: string;
  /** The shown device, or all that are added up. */
  devices: MonitoredDevice[];
  /** Devices of all that are not added up: they measure something else than used electricity. */
  leftOut: MonitoredDevice[];
  all: boolean;
  zone: string;
  period: Period;
  /** A day of the period; of a number of days the last. */
  date: Day;
  today: Day;
  /** The period is the time since the first reading. */
  allTime: boolean;
  /** 'previous', 'year' or the id of another device; null: no comparison is drawn. */
  compare: string | null;
  /** The compared device, if it is a device. */
  other: MonitoredDevice | null;
  /** Ids of devices that are switched off in the stack. */
  hidden: string[];
  /** The opened hour of a day, as the instant at which it begins. */
  hour: string | null;
  /** The numbers stand in place of the chart. */
  table: boolean;
  /** The bars of a day are quarters of an hour. */
  quarters: boolean;
  /** The axis of quarters names their power in place of their energy. */
  power: boolean;
  /** The heat map shows weekdays on average. */
  weekdays: boolean;
};

export type EnergyView =
  | { state: 'loading' }
  | { state: 'failed'; error: Error; retry: () => void; retrying: boolean }
  | { state: 'no-devices'; retry: () => void; retrying: boolean }
  | { state: 'not-found' }
  /** All devices are requested, and they are more than are added up. */
  | { state: 'too-many'; count: number }
  | ReadyView;

/** Read the day of an address, and the day before, which it is compared with, beside the list of devices and not after it. */
function useDayAhead(params: URLSearchParams, ahead: boolean): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const [id, date] = [params.get('device'), parseDay(params.get('date'))];
    // The device of a link may be another user's; that which was shown last is not.
    if (!ahead || params.has('period') || params.has('resolution') || date === null || id === null || id === ALL || !wasShownLast(id)) return;
    const series = seriesName(id, params.get('channel') ?? undefined);
    for (const day of [date, shift('day', date, -1)]) void queryClient.prefetchQuery(dayQuery(series, day));
  }, [params, ahead, queryClient]);
}

/** Return the view of the address, and the functions that change it. */
export function useEnergyView() {
  const { params, show, fillIn } = useAddress();
  const now = useNow(15_000);
  const list = useQuery(devicesQuery());
  const listed = list.data?.results;
  const stackable = list.data !== undefined && list.data.count > 1 && list.data.count <= MOST_STACKED;

  const requested = params.get('device');
  useDayAhead(params, listed === undefined);
  const all = requested === ALL && stackable;
  const tooMany = requested === ALL && (list.data?.count ?? 0) > MOST_STACKED;
  const id = tooMany ? null : requested === null || (requested === ALL && !stackable) ? lastDevice(listed) : requested;
  const lookup = useDevice(all ? (listed?.[0]?.device_id ?? null) : id, list.data);
  const whole = lookup.device;
  const named = requested === null ? lastChannel() : params.get('channel');
  const device = useMemo(() => (whole === null || all ? whole : asChannel(whole, named)), [whole, all, named]);
  const channel = device?.device_id.split('/')[1] ?? MAIN;
  const compare = params.get('compare');
  const other = useDevice(isTime(compare) ? null : compare, list.data);
  const beyond = all && list.data !== undefined && list.data.results.length < list.data.count;
  const pages = useQuery({ ...allDevicesQuery(), enabled: beyond });
  const stacked = beyond ? pages.data?.results : listed;
  const devices = useMemo(() => (device === null ? [] : all && stacked !== undefined ? stacked.filter(isAddedUp) : [device]), [all, stacked, device]);

  const zone = knownZone(device?.timezone ?? 'UTC');
  const today = dayOf(now, zone);
  const first = firstHourOf(devices);
  const firstReading = Number.isFinite(first) ? dayOf(first, zone) : null;
  const { period, date, allTime, fixed } = shownPeriod(params, today, firstReading, zone);

  const step = useCallback(
    (by: number) => {
      if (allTime) return;
      const newest = parseDay(presentAddress().get('date')) ?? date;
      const to = shift(period, newest, by);
      if (by > 0 && firstDay(period, to) > today) return;
      show({ date: by > 0 && to > today ? today : to });
    },
    [allTime, date, period, today, show],
  );

  const shownId = whole === null ? undefined : all ? ALL : whole.device_id;
  useRemembered(shownId, channel);
  const complete = params.get('device') === shownId && params.get('date') === date;
  useEffect(() => {
    if (shownId !== undefined && !complete) fillIn(shownId, channel, date);
  }, [shownId, channel, complete, date, fillIn]);
  useRollOver(zone, today, fixed ? null : date, show);

  return { view: viewOf(), devices: listed ?? [], total: list.data?.count ?? 0, stackable, show, step };

  function compared(): string | null {
    const otherTime = !allTime && hasOtherTime(period);
    if (isTime(compare)) return otherTime ? compare : null;
    if (compare === null || other.device !== null) return compare;
    return other.query.isFetching || !otherTime ? null : 'previous';
  }

  function viewOf(): EnergyView {
    const failed = list.data === undefined ? list : stacked === undefined && pages.isError ? pages : lookup.query.data === undefined && lookup.query.isError ? lookup.query : null;
    if (failed?.error) {
      return { state: 'failed', error: failed.error, retry: () => void failed.refetch(), retrying: failed.isFetching };
    }
    if (list.data === undefined || (all && stacked === undefined)) return { state: 'loading' };
    if (tooMany) return { state: 'too-many', count: list.data.count };
    if (device !== null && whole !== null) {
      const isInQuarters = period === 'day' && params.get('resolution') === 'quarter';
      return {
        state: 'ready',
        device,
        whole,
        channel,
        devices,
        leftOut: all ? (stacked ?? []).filter((each) => !isAddedUp(each)) : [],
        all,
        zone,
        period,
        date,
        today,
        allTime,
        compare: compared(),
        other: other.device,
        hidden: params.get('hide')?.split(',') ?? [],
        hour: period === 'day' && !all ? params.get('hour') : null,
        table: params.get('view') === 'table',
        quarters: isInQuarters,
        power: isInQuarters && params.get('unit') === 'kw',
        weekdays: params.get('heat') === 'weekdays',
      };
    }
    if (lookup.query.isFetching) return { state: 'loading' };
    if (requested !== null && requested !== ALL) return { state: 'not-found' };
    return { state: 'no-devices', retry: () => void list.refetch(), retrying: list.isFetching };
  }
}
