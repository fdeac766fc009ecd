import { SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { Card } from '@/components/card';
import type { MonitoredDevice } from '@/lib/api-types';
import { limitInSight } from '@/lib/chart-scale';
import type { Day } from '@/lib/days';
import { runningTotal, type Hour } from '@/lib/energy-day';
import { dayLong } from '@/lib/format';
import { dayLengthNote, hourTicks } from '@/lib/hour-labels';
import { t } from '@/lib/messages';
import { dayReadout, hourInWords, hourReadout, trendReadout } from './readouts';
import { EnergyBarChart } from './energy-bar-chart';
import { EnergyLineChart } from './energy-line-chart';
import { HourTable } from './hour-table';
import { Legend } from './legend';
import { PartsOfDay } from './parts-of-day';
import { Readout } from './readout';
import { SlotFrame } from './slot-frame';
import classes from './day-view.module.css';

type DayChartsProps = {
  device: MonitoredDevice;
  zone: string;
  date: Day;
  hours: Hour[];
  hoursBefore: Hour[];
};

export function DayCharts({ device, zone, date, hours, hoursBefore }: DayChartsProps) {
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const [active, setActive] = useState<number | null>(null);
  const limit = device.max_consumption;
  const phone = useMediaQuery('(max-width: 719px)', false, { getInitialValueInEffect: false }) ?? false;

  const ticks = useMemo(() => hourTicks(hours, date, zone, phone), [hours, date, zone, phone]);
  const points = useMemo(() => runningTotal(hours), [hours]);
  const before = useMemo(() => runningTotal(hoursBefore), [hoursBefore]);
  const chosen = active === null ? undefined : hours[active];
  const highest = Math.max(0, ...hours.map((hour) => hour.kwh ?? 0));
  const describe = (index: number) => hourInWords(hours[index], zone, limit);

  return (
    <>
      <Card
        title={t.hours.title}
        corner={
          <SegmentedControl
            size="xs"
            aria-label={t.hours.view}
            value={view}
            onChange={(value) => setView(value === 'table' ? 'table' : 'chart')}
            data={[
              { value: 'chart', label: t.hours.chart },
              { value: 'table', label: t.hours.table },
            ]}
          />
        }
      >
        <Readout
          parts={chosen === undefined ? dayReadout(hours, zone, limit) : hourReadout(chosen, zone, limit)}
          chosen={chosen !== undefined}
          unit={t.summary.kwh}
          note={dayLengthNote(hours, zone)}
        />
        {view === 'table' ? null : (
          <>
            <SlotFrame
              className={classes.chart}
              testId="hourly-chart"
              label={t.hours.chartLabel}
              count={hours.length}
              active={active}
              describe={describe}
              onActive={setActive}
            >
              <EnergyBarChart hours={hours} ticks={ticks} limit={limit} />
            </SlotFrame>
            <Legend hours={hours} limit={limitInSight(limit, highest) ? limit : null} overLimit={limit} />
          </>
        )}
        <HourTable
          hours={hours}
          zone={zone}
          limit={limit}
          caption={t.hours.caption(device.name, dayLong(date))}
          hidden={view === 'chart'}
        />
      </Card>
      <div className={classes.row}>
        <Card title={t.trend.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
          <Readout parts={trendReadout(hours, hoursBefore, active, zone)} chosen={chosen !== undefined} />
          <SlotFrame
            className={classes.trend}
            testId="trend-chart"
            label={t.trend.label}
            count={hours.length}
            active={active}
            describe={(index) => trendReadout(hours, hoursBefore, index, zone).join(', ')}
            onActive={setActive}
          >
            <EnergyLineChart points={points} before={before} ticks={ticks} hours={hours.length} />
          </SlotFrame>
          <Legend trend before={before.length > 0} />
        </Card>
        <PartsOfDay hours={hours} />
      </div>
    </>
  );
}
