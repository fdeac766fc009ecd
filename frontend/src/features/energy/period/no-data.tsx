import { Button } from '@mantine/core';
import { BarsIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { addDays, dayOf, type Day } from '@/lib/energy/days';
import { dayAfter, firstDay as firstDayOf, isDays, lengthOf, type Period } from '@/lib/energy/periods';
import { firstHourOf } from '@/lib/energy/power';
import { t } from '@/lib/i18n/messages';
import { dayPlain, dayShort } from '@/lib/labels/format';
import { periodName } from '@/lib/labels/period-labels';
import type { Change } from '../model/address';
import type { ReadyView } from '../model/use-energy-view';
import classes from './no-data.module.css';

type NoDataProps = { view: ReadyView; period: Period; date: Day; show: (change: Change) => void };

/** An empty period keeps the chart's frame, says why it is empty and leads to a day with data. */
export function NoData({ view, period, date, show }: NoDataProps) {
  const { devices, zone, today } = view;
  const last = devices.flatMap((device) => device.last_reading_at ?? []).toSorted().at(-1);
  const lastDay = last === undefined ? null : dayOf(last, zone);
  const first = firstHourOf(devices);
  const firstDay = Number.isFinite(first) ? dayOf(first, zone) : null;
  const early = firstDay !== null && dayAfter(period, date) <= firstDay;
  const to = (early ? beginningOn(firstDay) : lastDay) ?? today;
  const day = to === date ? today : to;
  return (
    <div className={classes.frame}>
      <StatePanel
        testId="no-data"
        icon={<BarsIcon />}
        title={period === 'day' ? t.noData.title(dayPlain(date)) : t.use.noData(periodName(period, date))}
        text={reason()}
        action={
          day === date ? undefined : (
            <Button variant="light" onClick={() => show({ date: day })} data-testid="no-data-go">
              {label()}
            </Button>
          )
        }
      />
    </div>
  );

  /** Return the date whose period begins with the first reading; it ends today at the latest. */
  function beginningOn(begin: Day): Day {
    const end = isDays(period) ? addDays(begin, lengthOf(period) - 1) : begin;
    return end > today ? today : end;
  }

  function reason(): string {
    if (firstDayOf(period, date) > today) return period === 'day' ? t.noData.future : t.use.noDataFuture;
    if (lastDay === null) return t.noData.never;
    if (early) return t.noData.before(dayPlain(firstDay));
    if (period !== 'day' || devices.length > 1) return t.use.noDataText;
    const waiting = date === today && lastDay === addDays(today, -1);
    if (date > lastDay) return waiting ? t.noData.notYet : t.noData.afterLast(dayPlain(lastDay));
    return t.noData.gap(dayPlain(lastDay));
  }

  function label(): string {
    if (period !== 'day') return t.use.goLast(periodName(period, day));
    return day === today ? t.noData.goToday : t.noData.goTo(dayShort(day));
  }
}
