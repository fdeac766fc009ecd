// Names of periods and of their slots.
import { addDays, daysBetween, type Day } from '@/lib/energy/days';
import { clock, dayMedium, dayShort, exact, monthLong, monthShort, monthYearShort, weekday, weekdayDay } from './format';
import { hourRange, hourTicks, type Tick } from './hour-labels';
import { t } from '@/lib/i18n/messages';
import { dayAfter, firstDay, isDays, isOfClock, lengthOf, type CalendarPeriod, type Period } from '@/lib/energy/periods';
import { isEstimated } from '@/lib/energy/figures';
import { hoursLong, hoursMissing, type Slot } from '@/lib/energy/slots';

/** Texts of the periods of the calendar, and of a number of days. */
type PeriodTexts = Record<CalendarPeriod, string> & { days: (n: number) => string };

/** Return the text of a period. */
export function textOf(texts: PeriodTexts, period: Period): string {
  return isDays(period) ? texts.days(lengthOf(period)) : texts[period];
}

/** Return the name of a period that stands alone, as a heading. */
export function periodTitle(period: Period, day: Day): string {
  return capital(periodName(period, day));
}

/**
 * Return "Sun 22 Nov 2026", "16 – 22 Nov 2026", "November 2026", "Q4 2026", "2026" as in the middle of a sentence: always
 * with the year.
 */
export function periodName(period: Period, day: Day): string {
  const first = firstDay(period, day);
  if (isDays(period)) return spanTitle(first, day);
  switch (period) {
    case 'week':
      return spanTitle(first, addDays(dayAfter('week', day), -1));
    case 'month':
      return monthLong(first);
    case 'quarter':
      return t.span.quarterOf((Number(first.slice(5, 7)) + 2) / 3, first.slice(0, 4));
    case 'year':
      return first.slice(0, 4);
    default:
      return dayMedium(day);
  }
}

/** Return "2026", "Nov", "22 Nov": for little room, where the levels above are named beside it. */
export function shortPeriodTitle(period: Period, day: Day): string {
  if (period === 'month') return capital(monthShort(firstDay(period, day)));
  return period === 'day' ? dayShort(day) : periodTitle(period, day);
}

/** Return "Sun 25 Oct", "19–25 Oct", "Oct 2026", "2026": for the bar of a phone, where the heading names the whole. */
export function barTitle(period: Period, day: Day): string {
  const first = firstDay(period, day);
  if (isDays(period)) return shortSpan(first, day);
  if (period === 'week') return shortSpan(first, addDays(dayAfter('week', day), -1));
  if (period === 'month') return capital(monthYearShort(first));
  return period === 'day' ? weekdayDay(day) : periodTitle(period, day);
}

function shortSpan(first: Day, last: Day): string {
  if (daysBetween(first, last) > 366) return `${monthYearShort(first)}–${monthYearShort(last)}`;
  const from = first.slice(0, 7) === last.slice(0, 7) ? String(Number(first.slice(8))) : dayShort(first);
  return `${from}–${dayShort(last)}`;
}

/** Return the name beside another period, as in the middle of a sentence: with the year only if it is another year. */
export function nearName(period: Period, day: Day, beside: Day): string {
  const name = periodName(period, day);
  const years = new Set([firstDay(period, day), day, beside].map((each) => each.slice(0, 4)));
  return period !== 'year' && years.size === 1 ? name.replace(/ \d{4}$/, '') : name;
}

function spanTitle(first: Day, last: Day): string {
  if (first === last) return dayMedium(first);
  const [from, to] = [first.slice(0, 4), last.slice(0, 4)];
  if (from !== to) return `${dayShort(first)} ${from} – ${dayShort(last)} ${to}`;
  const begin = first.slice(0, 7) === last.slice(0, 7) ? String(Number(first.slice(8))) : dayShort(first);
  return `${begin} – ${dayShort(last)} ${to}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Return the name of a slot that stands alone: in a table's head, at the start of a line. */
export function slotTitle(slot: Slot, zone: string): string {
  return slot.kind === 'month' ? capital(slotName(slot, zone)) : slotName(slot, zone);
}

/** Return the name of a slot as in the middle of a sentence: "18:00 – 19:00", "Sun 18 Oct", "October 2026", "15 – 31 Oct 2026". */
export function slotName(slot: Slot, zone: string): string {
  if (slot.until !== undefined) return spanTitle(slot.day, slot.until);
  switch (slot.kind) {
    case 'year':
      return slot.day.slice(0, 4);
    case 'month':
      return monthLong(slot.day);
    case 'day':
      return weekdayDay(slot.day);
    default:
      return slot.dated === true ? `${weekdayDay(slot.day)}, ${hourRange(slot, zone)}` : hourRange(slot, zone);
  }
}

/** Return when a slot begins: "18:00", "Sun 18 Oct", "October 2026". */
export function beginOf(slot: Slot, zone: string): string {
  return isOfClock(slot.kind) ? clock(slot.start, zone) : slotName(slot, zone);
}

/** Return "Until 18:00", "Until the end of Sun 18 Oct". */
export function untilEndOf(slot: Slot, zone: string): string {
  return isOfClock(slot.kind) && slot.dated !== true ? t.adds.untilClock(clock(slot.end, zone)) : t.adds.until(slotName(slot, zone));
}

/** Return the labels under the bars: regular, the first one with the month or date. */
export function slotTicks(slots: readonly Slot[], period: Period, zone: string, compact: boolean): Tick[] {
  if (period === 'day') return hourTicks(slots, zone, compact);
  if (period === 'week' || period === 'month' || period === 'year') {
    return slots.flatMap((slot, index): Tick[] => {
      const label = tickAt(slot, index, period, compact);
      return label === null ? [] : [{ index, label, strong: index === 0 && period === 'month' }];
    });
  }
  return spacedTicks(slots, compact);
}

function tickAt(slot: Slot, index: number, period: 'week' | 'month' | 'year', compact: boolean): string | null {
  switch (period) {
    case 'year':
      return compact ? monthShort(slot.day).slice(0, 1).toUpperCase() : capital(monthShort(slot.day));
    case 'week':
      return compact ? weekday(slot.day) : weekdayDay(slot.day);
    default:
      if (index === 0) return dayShort(slot.day);
      return index % (compact ? 7 : 4) === 0 ? String(index + 1) : null;
  }
}

/** Labels under the bars of a period of any length: there is room for so many, on a phone for fewer. */
const MOST_TICKS = { wide: 9, compact: 5 };

/** Return labels at equal distances; the days of hours, and the years of months, are strong. */
function spacedTicks(slots: readonly Slot[], compact: boolean): Tick[] {
  const begins = slots.flatMap((slot, index) => (slot.kind !== 'hour' || slot.day !== slots[index - 1]?.day ? [index] : []));
  const every = Math.ceil(begins.length / (compact ? MOST_TICKS.compact : MOST_TICKS.wide));
  let year = '';
  return begins.flatMap((index, at): Tick[] => {
    const slot = slots[index];
    if (slot === undefined || at % every !== 0) return [];
    const newYear = slot.day.slice(0, 4) !== year;
    year = slot.day.slice(0, 4);
    if (slot.kind === 'year') return [{ index, label: year, strong: false }];
    if (slot.kind === 'month') return [{ index, label: newYear ? monthOfYear(slot.day, compact) : monthShort(slot.day), strong: newYear }];
    return [{ index, label: dayShort(slot.day), strong: at === 0 || slot.kind === 'hour' }];
  });
}

/** Return "Jan 2026"; `compact`: January as the year alone, for two such labels would run into each other. */
function monthOfYear(day: Day, compact: boolean): string {
  if (!compact) return `${monthShort(day)} ${day.slice(0, 4)}`;
  return day.slice(5, 7) === '01' ? day.slice(0, 4) : monthShort(day);
}

/** Return notes about a slot, for the readout, the table and screen readers. */
export function slotNotes(slot: Slot): string[] {
  const notes: string[] = [];
  const state = t.use.states[slot.state];
  if (state !== '') notes.push(state);
  const missing = hoursMissing(slot);
  if (missing > 0 && slot.kwh !== null) notes.push(t.use.hoursMissing(missing));
  const hours = hoursLong(slot);
  if (slot.kind === 'day' && hours !== 24) notes.push(t.use.dayLength(hours));
  if (isEstimated(slot)) notes.push(t.use.estimated(exact(slot.estimated)));
  return notes;
}
