// Which device and which day the page shows. The address holds both, so back works and links can
// be shared; what it leaves out is filled in and written there.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';
import type { MonitoredDevice } from '@/lib/api-types';
import { addDays, dayOf, knownZone, parseDay, type Day } from '@/lib/days';
import { readPreference, writePreference } from '@/lib/preferences';
import { useNow } from '@/lib/use-now';
import { deviceQuery, devicesQuery } from './queries';

const LAST_DEVICE = 'last-device';

export type EnergyView =
  | { state: 'loading' }
  | { state: 'failed'; error: Error; retry: () => void; retrying: boolean }
  | { state: 'no-devices'; retry: () => void; retrying: boolean }
  | { state: 'not-found' }
  | { state: 'ready'; device: MonitoredDevice; zone: string; date: Day; today: Day };

export function useEnergyView() {
  const [params, setParams] = useSearchParams();
  const now = useNow(15_000);
  const list = useQuery(devicesQuery());
  const devices = list.data?.results;

  const asked = params.get('device');
  const wanted = asked ?? defaultDevice(devices);
  const listed = devices?.find((device) => device.device_id === wanted);
  const beyondList = list.data !== undefined && list.data.count > list.data.results.length;
  const lookup = useQuery({
    ...deviceQuery(wanted ?? ''),
    enabled: wanted !== null && listed === undefined && beyondList,
  });
  const device = listed ?? lookup.data ?? null;

  const zone = knownZone(device?.timezone ?? 'UTC');
  const today = dayOf(now, zone);
  const date = parseDay(params.get('date')) ?? today;

  const show = useCallback(
    (change: { device?: string; date?: Day }, replace = false) => {
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (change.device !== undefined) after.set('device', change.device);
          if (change.date !== undefined) after.set('date', change.date);
          return after;
        },
        { replace },
      );
    },
    [setParams],
  );

  const step = useCallback(
    (days: number) => {
      // From the address, not from the last drawing: two quick key presses are two days.
      const newest = parseDay(new URLSearchParams(location.search).get('date')) ?? date;
      const to = addDays(newest, days);
      if (days < 0 || to <= today) show({ date: to });
    },
    [date, today, show],
  );

  const complete = asked !== null && params.get('date') === date;
  const shownId = device?.device_id;
  useEffect(() => {
    if (shownId === undefined) return;
    writePreference(LAST_DEVICE, shownId);
    if (!complete) show({ device: shownId, date }, true);
  }, [shownId, complete, date, show]);

  // Left open over midnight, a page that showed today goes on showing today.
  const lastToday = useRef({ zone, today });
  useEffect(() => {
    const before = lastToday.current;
    lastToday.current = { zone, today };
    if (before.zone === zone && before.today !== today && date === before.today) show({ date: today }, true);
  }, [zone, today, date, show]);

  return { view: viewOf(), devices: devices ?? [], total: list.data?.count ?? 0, show, step };

  function viewOf(): EnergyView {
    const failed = list.data === undefined ? list : lookup.data === undefined && lookup.isError ? lookup : null;
    if (failed?.error) {
      return {
        state: 'failed',
        error: failed.error,
        retry: () => void failed.refetch(),
        retrying: failed.isFetching,
      };
    }
    if (list.data === undefined) return { state: 'loading' };
    if (device !== null) return { state: 'ready', device, zone, date, today };
    if (lookup.isFetching) return { state: 'loading' };
    if (asked !== null) return { state: 'not-found' };
    return { state: 'no-devices', retry: () => void list.refetch(), retrying: list.isFetching };
  }
}

function defaultDevice(devices: MonitoredDevice[] | undefined): string | null {
  if (devices === undefined) return null;
  const last = readPreference(LAST_DEVICE);
  const known = devices.find((device) => device.device_id === last) ?? devices[0];
  return known?.device_id ?? null;
}
