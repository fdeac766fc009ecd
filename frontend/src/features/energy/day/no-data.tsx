import { Button } from '@mantine/core';
import { BarsIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { addDays, dayOf, type Day } from '@/lib/energy/days';
import { dayPlain, dayShort } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { firstHourOf } from '@/lib/energy/power';
import classes from './no-data.module.css';

type NoDataProps = {
  device: MonitoredDevice;
  zone: string;
  date: Day;
  today: Day;
  onDate: (date: Day) => void;
};

/** An empty day keeps the chart's frame, says why it is empty and where there is something to see. */
export function NoData({ device, zone, date, today, onDate }: NoDataProps) {
  const lastDay = device.last_reading_at === null ? null : dayOf(device.last_reading_at, zone);
  const first = firstHourOf([device]);
  const firstDay = Number.isFinite(first) ? dayOf(first, zone) : null;
  const way = wayOut();
  return (
    <div className={classes.frame}>
      <StatePanel
        testId="no-data"
        icon={<BarsIcon />}
        title={t.noData.title(dayPlain(date))}
        text={reason()}
        action={
          way === null ? undefined : (
            <Button variant="light" onClick={() => onDate(way.to)} data-testid="no-data-go">
              {way.label}
            </Button>
          )
        }
      />
    </div>
  );

  function reason(): string {
    if (date > today) return t.noData.future;
    if (lastDay === null) return t.noData.never;
    if (firstDay !== null && date < firstDay) return t.noData.before(dayPlain(firstDay));
    const waiting = date === today && lastDay === addDays(today, -1);
    if (date > lastDay) return waiting ? t.noData.notYet : t.noData.afterLast(dayPlain(lastDay));
    return t.noData.gap(dayPlain(lastDay));
  }

  function wayOut(): { to: Day; label: string } | null {
    const near = firstDay !== null && date < firstDay ? firstDay : lastDay;
    const to = near === null || near === date ? today : near;
    if (to === date) return null;
    return { to, label: to === today ? t.noData.goToday : t.noData.goTo(dayShort(to)) };
  }
}
