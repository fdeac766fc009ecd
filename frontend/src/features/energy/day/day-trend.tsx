import { memo, useMemo } from 'react';
import { Card } from '@/components/card';
import type { Day } from '@/lib/energy/days';
import type { Hour } from '@/lib/energy/energy-day';
import { dayLong } from '@/lib/labels/format';
import { hourRange, type Tick } from '@/lib/labels/hour-labels';
import { t } from '@/lib/i18n/messages';
import { runningTotal } from '@/lib/energy/series';
import classes from './day-view.module.css';
import { EnergyLineChart } from '../charts/energy-line-chart';
import { Legend, trendEntries } from '../charts/legend';
import { PartsOfDay } from './parts-of-day';
import { Readout } from '../charts/readout';
import { trendReadout } from '../model/readouts';
import { SlotFrame } from '../charts/slot-frame';
import { TrendTable } from '../tables/trend-table';

type DayTrendProps = {
  name: string;
  zone: string;
  date: Day;
  hours: Hour[];
  hoursBefore: Hour[];
  /** The hours before, each at its clock time of this day. */
  alike: Hour[];
  ticks: Tick[];
  now: number;
  compared: string | null;
  active: number | null;
  onActive: (index: number | null) => void;
};

/** How the day came to its total, and which parts of it took how much. */
export const DayTrend = memo(function DayTrend(props: DayTrendProps) {
  const { name, zone, date, hours, hoursBefore, alike, ticks, now, compared, active, onActive } = props;
  const points = useMemo(() => runningTotal(hours, now), [hours, now]);
  const before = useMemo(() => runningTotal(hoursBefore, now), [hoursBefore, now]);
  const nameBefore = before.length === 0 ? null : (compared ?? t.trend.dayBefore);
  return (
    <div className={classes.row}>
      <Card title={t.trend.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
        <Readout parts={trendReadout(hours, alike, null, zone, compared)} chosen={active !== null} />
        <SlotFrame
          className={classes.trend}
          testId="trend-chart"
          label={t.trend.label}
          count={hours.length}
          active={active}
          words={(index) => trendReadout(hours, alike, index, zone, compared)}
          onActive={onActive}
        >
          <EnergyLineChart points={points} before={before} ticks={ticks} length={hours.length} />
        </SlotFrame>
        <Legend entries={trendEntries(t.trend.thisDay, nameBefore)} />
        <TrendTable
          caption={`${t.trend.title}, ${name}, ${dayLong(date)}`}
          slot={t.hours.hour}
          names={hours.map((hour) => hourRange(hour, zone))}
          own={{ name: t.trend.thisDay, slots: hours }}
          before={nameBefore === null ? null : { name: nameBefore, slots: alike }}
        />
      </Card>
      <PartsOfDay hours={hours} />
    </div>
  );
});
