// The address of the energy page: it holds the whole view, so that back works and links can be shared.
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import { dayOf, type Day } from '@/lib/energy/days';
import type { Period } from '@/lib/energy/periods';

/** In place of a device's id: all devices. */
export const ALL = 'all';

/** Values of `compare` that name another time of the same devices; every other value is a device's id. */
const TIMES = new Set(['previous', 'year']);

export function isTime(compare: string | null): boolean {
  return compare !== null && TIMES.has(compare);
}

/** A change of the view; absent fields stay as they are. */
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

/** Return the address after a change, without the parts that belong to another view. */
export function changed(before: URLSearchParams, change: Change): URLSearchParams {
  const after = new URLSearchParams(before);
  const put = (name: string, value: string | null) => (value === null || value === '' ? after.delete(name) : after.set(name, value));
  if (change.device !== undefined) {
    after.set('device', change.device);
    if (change.device !== before.get('device')) {
      after.delete('hide');
      // A comparison with a device was made for the former device; one with a time fits every device.
      if (!isTime(after.get('compare'))) after.delete('compare');
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

/** Return the local day of the instant in `hour`; a link may name an hour alone, without knowing the device's zone. */
export function dayOfHour(hour: string | null, zone: string): Day | null {
  const at = hour === null ? Number.NaN : Date.parse(hour);
  return Number.isNaN(at) ? null : dayOf(at, zone);
}

export type Show = (change: Change, replace?: boolean) => void;

/** The address as the browser has it now. Of two quick clicks the second must not undo the first, which React has not drawn yet. */
export const presentAddress = () => new URLSearchParams(location.search);

/** Return the parameters of the address, a function that changes the view, and one that fills in what an address leaves out. */
export function useAddress() {
  const [params, setParams] = useSearchParams();
  const show = useCallback<Show>(
    (change, replace = false) => setParams(() => changed(presentAddress(), change), { replace }),
    [setParams],
  );
  const fillIn = useCallback(
    (device: string, date: Day) => {
      const after = presentAddress();
      after.set('device', device);
      after.set('date', date);
      setParams(() => after, { replace: true });
    },
    [setParams],
  );
  return { params, show, fillIn };
}
