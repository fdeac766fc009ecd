// What the page shows: device or all of them, period, date, comparison, opened hour, chart or table. The address holds
// all of it, so back works and links can be shared; what it leaves out is filled in and written there.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';
import type { MonitoredDevice, Page } from '@/lib/transport/api-types';
import { dayOf, knownZone, parseDay, type Day } from '@/lib/energy/days';
import { firstDay, parsePeriod, shift, type Period } from '@/lib/energy/periods';
import { readPreference, writePreference } from '@/lib/browser/preferences';
import { MOST_STACKED } from '@/lib/energy/stacking';
import { useNow } from '@/lib/hooks/use-now';
import { deviceQuery, devicesQuery } from '../api/queries';

const LAST_DEVICE = 'last-device';
/** What is compared with, in place of a device's id: another time. */
const TIMES = new Set(['previous', 'year']);
/** In place of a device's id: all of them. */
export const ALL = 'all';

export type ReadyView = {
  state: 'ready';
  /** The one shown, or the first of all. */
  device: MonitoredDevice;
  /** One, or all of them. */
  devices: MonitoredDevice[];
  all: boolean;
  zone: string;
  period: Period;
  date: Day;
  today: Day;
  /** 'previous', 'year' or the id of another device; null: no comparison is drawn. */
  compare: string | null;
  /** The device compared with, if it is one. */
  other: MonitoredDevice | null;
  /** Devices switched off in the stack. */
  hidden: string[];
  /** The opened hour of a day, as the instant at which it begins. */
  hour: string | null;
  /** The numbers in place of the chart. */
  table: boolean;
  /** The heat map shows weekdays on average. */
  weekdays: boolean;
};

export type EnergyView =
  | { state: 'loading' }
  | { state: 'failed'; error: Error; retry: () => void; retrying: boolean }
  | { state: 'no-devices'; retry: () => void; retrying: boolean }
  | { state: 'not-found' }
  | ReadyView;

export type Change = {
  device?: string;
  date?: Day;
  period?: Period;
  compare?: string | null;
  hidden?: string[];
  hour?: string | null;
  table?: boolean;
  weekdays?: boolean;
};

/** From the address, not from the last drawing: of two quick clicks the second must not undo the first. */
const present = () => new URLSearchParams(location.search);

/** The address after a change. What belongs to another view goes with it. */
export function changed(before: URLSearchParams, change: Change): URLSearchParams {
  const after = new URLSearchParams(before);
  const put = (name: string, value: string | null) => (value === null || value === '' ? after.delete(name) : after.set(name, value));
  if (change.device !== undefined) {
    after.set('device', change.device);
    if (change.device !== before.get('device')) {
      after.delete('hide');
      // Another device's comparison with a third one is nobody's question.
      if (!TIMES.has(after.get('compare') ?? '')) after.delete('compare');
    }
  }
  if (change.date !== undefined) after.set('date', change.date);
  if (change.period !== undefined) put('period', change.period === 'day' ? null : change.period);
  if (change.compare !== undefined) put('compare', change.compare);
  if (change.table !== undefined) put('view', change.table ? 'table' : null);
  if (change.weekdays !== undefined) put('heat', change.weekdays ? 'weekdays' : null);
  if (change.hidden !== undefined) put('hide', change.hidden.join(','));
  if (change.device !== undefined || change.date !== undefined || change.period !== undefined) after.delete('hour');
  if (change.hour !== undefined) put('hour', change.hour);
  return after;
}

export function useEnergyView() {
  const [params, setParams] = useSearchParams();
  const now = useNow(15_000);
  const list = useQuery(devicesQuery());
  const devices = list.data?.results;
  const stackable = list.data !== undefined && list.data.count > 1 && list.data.count <= MOST_STACKED;

  const asked = params.get('device');
  const all = asked === ALL && stackable;
  const wanted = asked === null || (asked === ALL && !stackable) ? defaultDevice(devices) : asked;
  const lookup = useDevice(all ? (devices?.[0]?.device_id ?? null) : wanted, list.data);
  const device = lookup.device;
  const compare = params.get('compare');
  const other = useDevice(compare === null || TIMES.has(compare) ? null : compare, list.data);

  const zone = knownZone(device?.timezone ?? 'UTC');
  const today = dayOf(now, zone);
  const date = parseDay(params.get('date')) ?? dayOfHour(params.get('hour'), zone) ?? today;
  const period = parsePeriod(params.get('period'));

  const show = useCallback(
    (change: Change, replace = false) => setParams(() => changed(present(), change), { replace }),
    [setParams],
  );

  const step = useCallback(
    (by: number) => {
      const newest = parseDay(present().get('date')) ?? date;
      const to = shift(period, newest, by);
      if (by > 0 && firstDay(period, to) > today) return;
      show({ date: by > 0 && to > today ? today : to });
    },
    [date, period, today, show],
  );

  const shownId = device === null ? undefined : all ? ALL : device.device_id;
  const complete = asked === shownId && params.get('date') === date;
  useEffect(() => {
    if (shownId === undefined) return;
    writePreference(LAST_DEVICE, shownId);
    if (!complete) setParams(() => filledIn(present(), shownId, date), { replace: true });
  }, [shownId, complete, date, setParams]);

  // Left open over midnight, a page that showed today goes on showing today.
  const lastToday = useRef({ zone, today });
  useEffect(() => {
    const before = lastToday.current;
    lastToday.current = { zone, today };
    if (before.zone === zone && before.today !== today && date === before.today) show({ date: today }, true);
  }, [zone, today, date, show]);

  return { view: viewOf(), devices: devices ?? [], total: list.data?.count ?? 0, stackable, show, step };

  function viewOf(): EnergyView {
    const failed = list.data === undefined ? list : lookup.query.data === undefined && lookup.query.isError ? lookup.query : null;
    if (failed?.error) {
      return { state: 'failed', error: failed.error, retry: () => void failed.refetch(), retrying: failed.isFetching };
    }
    if (list.data === undefined) return { state: 'loading' };
    if (device !== null) {
      return {
        state: 'ready',
        device,
        devices: all ? list.data.results : [device],
        all,
        zone,
        period,
        date,
        today,
        compare: compare === null || TIMES.has(compare) || other.device !== null ? compare : other.query.isFetching ? null : 'previous',
        other: other.device,
        hidden: params.get('hide')?.split(',') ?? [],
        hour: period === 'day' && !all ? params.get('hour') : null,
        table: params.get('view') === 'table',
        weekdays: params.get('heat') === 'weekdays',
      };
    }
    if (lookup.query.isFetching) return { state: 'loading' };
    if (asked !== null && asked !== ALL) return { state: 'not-found' };
    return { state: 'no-devices', retry: () => void list.refetch(), retrying: list.isFetching };
  }
}

/** A device of the list, or looked up where the list does not hold them all; null: not known, or not yet. */
function useDevice(id: string | null, list: Page<MonitoredDevice> | undefined) {
  const listed = list?.results.find((device) => device.device_id === id);
  const beyond = list !== undefined && list.count > list.results.length;
  const query = useQuery({ ...deviceQuery(id ?? ''), enabled: id !== null && listed === undefined && beyond });
  return { device: listed ?? query.data ?? null, query };
}

/** A link may name an hour alone: whoever made it need not know the device's zone. */
function dayOfHour(hour: string | null, zone: string): Day | null {
  const at = hour === null ? Number.NaN : Date.parse(hour);
  return Number.isNaN(at) ? null : dayOf(at, zone);
}

function filledIn(before: URLSearchParams, device: string, date: Day): URLSearchParams {
  const after = new URLSearchParams(before);
  after.set('device', device);
  after.set('date', date);
  return after;
}

function defaultDevice(devices: MonitoredDevice[] | undefined): string | null {
  if (devices === undefined) return null;
  const last = readPreference(LAST_DEVICE);
  const known = devices.find((device) => device.device_id === last) ?? devices[0];
  return known?.device_id ?? null;
}
