// The address of the energy page: it holds the whole view, so that back works and links can be shared.
import { useCallback, useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { addDays, dayOf, daysBetween, parseDay, type Day } from '@/lib/energy/days';
import { MAIN } from '@/lib/energy/channels';
import { daysFrom, parsePeriod, type Period } from '@/lib/energy/periods';

/** In place of a device's id: all devices. */
export const ALL = 'all';

/** Values of `compare` that name another time of the same devices; every other value is a device's id. */
const TIMES = new Set(['previous', 'year']);

export function isTime(compare: string | null): boolean {
  return compare !== null && TIMES.has(compare);
}

/** In place of a period: the time since the first reading, and the days between `from` and `to`. */
export const ALL_TIME = 'all';
const RANGE = 'range';

export type Range = { from: Day; to: Day };

/** A change of the view; absent fields stay as they are. */
export type Change = {
  device?: string;
  /** Code of a channel of the device. */
  channel?: string;
  date?: Day;
  period?: Period | typeof ALL_TIME;
  range?: Range;
  compare?: string | null;
  hidden?: string[];
  hour?: string | null;
  table?: boolean;
  /** The bars of a day are quarters of an hour, and `power` names their power in place of their energy. */
  bars?: 'hour' | 'quarter' | 'power';
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
      after.delete('channel');
      // A comparison with a device was made for the former device; one with a time fits every device.
      if (!isTime(after.get('compare'))) after.delete('compare');
    }
  }
  if (change.channel !== undefined) put('channel', change.channel === MAIN ? null : change.channel);
  if (change.period !== undefined) {
    put('period', change.period === 'day' ? null : change.period);
    setRange(after, null);
  }
  const range = rangeOf(after);
  if (change.range !== undefined) setRange(after, change.range);
  else if (change.date !== undefined && range !== null) setRange(after, endingOn(range, change.date));
  else if (change.date !== undefined) after.set('date', change.date);
  if (change.compare !== undefined) put('compare', change.compare);
  if (change.table !== undefined) put('view', change.table ? 'table' : null);
  if (change.bars !== undefined) {
    put('resolution', change.bars === 'hour' ? null : 'quarter');
    put('unit', change.bars === 'power' ? 'kw' : null);
  }
  if (change.weekdays !== undefined) put('heat', change.weekdays ? 'weekdays' : null);
  if (change.hidden !== undefined) put('hide', change.hidden.join(','));
  const otherHours = [change.device, change.channel, change.date, change.period, change.range].some((part) => part !== undefined);
  if (otherHours) after.delete('hour');
  if (change.hour !== undefined) put('hour', change.hour);
  return after;
}

/** Return the days from `from` to `to` of an address that names them, in either order. */
function rangeOf(params: URLSearchParams): Range | null {
  const [from, to] = [parseDay(params.get('from')), parseDay(params.get('to'))];
  if (params.get('period') !== RANGE || from === null || to === null) return null;
  return from <= to ? { from, to } : { from: to, to: from };
}

/** Write a range; its last day is the date as well, so that another period shows the same time. */
function setRange(params: URLSearchParams, range: Range | null): void {
  if (range === null) {
    params.delete('from');
    params.delete('to');
    return;
  }
  params.set('period', RANGE);
  params.set('from', range.from);
  params.set('to', range.to);
  params.set('date', range.to);
}

function endingOn({ from, to }: Range, last: Day): Range {
  return { from: addDays(last, -daysBetween(from, to)), to: last };
}

export type AddressPeriod = {
  period: Period;
  date: Day;
  /** The time since the first reading. */
  allTime: boolean;
  /** Days that the user chose: they stay the same at midnight. */
  fixed: boolean;
};

/** Return the period that an address names. `first`: the day of the first reading, null while there is none. */
export function shownPeriod(params: URLSearchParams, today: Day, first: Day | null, zone: string): AddressPeriod {
  if (params.get('period') === ALL_TIME) {
    const begin = first !== null && first < today ? first : today;
    return { period: daysFrom(begin, today), date: today, allTime: true, fixed: false };
  }
  const range = rangeOf(params);
  if (range !== null) return { period: daysFrom(range.from, range.to), date: range.to, allTime: false, fixed: true };
  const date = parseDay(params.get('date')) ?? dayOfHour(params.get('hour'), zone) ?? today;
  return { period: parsePeriod(params.get('period')), date, allTime: false, fixed: false };
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
  // The router makes a new function for each address. With it everything that can change the view would be drawn again.
  const latest = useRef(setParams);
  useEffect(() => {
    latest.current = setParams;
  });
  const show = useCallback<Show>((change, replace = false) => latest.current(() => changed(presentAddress(), change), { replace }), []);
  const fillIn = useCallback((device: string, channel: string, date: Day) => {
    const after = presentAddress();
    after.set('device', device);
    if (channel !== MAIN) after.set('channel', channel);
    after.set('date', date);
    latest.current(() => after, { replace: true });
  }, []);
  return { params, show, fillIn };
}
