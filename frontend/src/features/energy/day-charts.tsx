import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Card } from '@/components/card';
import type { MonitoredDevice } from '@/lib/api-types';
import type { ChartImage } from '@/lib/chart-image';
import { limitInSight } from '@/lib/chart-scale';
import { fileName, type Field } from '@/lib/csv';
import type { Day } from '@/lib/days';
import { byClock, type Hour } from '@/lib/energy-day';
import { dayLong, exact, figure } from '@/lib/format';
import { dayLengthNote, hourRange, hourTicks } from '@/lib/hour-labels';
import { t } from '@/lib/messages';
import { runsOf, runningTotal } from '@/lib/series';
import { dayReadout, hourInWords, hourReadout, trendReadout } from './readouts';
import { EnergyBarChart } from './energy-bar-chart';
import { EnergyLineChart } from './energy-line-chart';
import { ExportMenu } from './export-menu';
import { HourTable } from './hour-table';
import { hourEntries, Legend, trendEntries } from './legend';
import { PartsOfDay } from './parts-of-day';
import { comparisonParts } from './period-readouts';
import { Readout } from './readout';
import { SlotFrame } from './slot-frame';
import { TrendTable } from './trend-table';
import { useScreen } from './use-screen';
import classes from './day-view.module.css';

type DayChartsProps = {
  device: MonitoredDevice;
  zone: string;
  date: Day;
  hours: Hour[];
  hoursBefore: Hour[];
  now: number;
  /** The name of what the bars are compared with; null: they are not. */
  compared: string | null;
  onHour: (start: number) => void;
};

export function DayCharts({ device, zone, date, hours, hoursBefore, now, compared, onHour }: DayChartsProps) {
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const [active, setActive] = useState<number | null>(null);
  const limit = device.max_consumption;
  const { phone, touch } = useScreen();

  const ticks = useMemo(() => hourTicks(hours, date, zone, phone), [hours, date, zone, phone]);
  const points = useMemo(() => runningTotal(hours, now), [hours, now]);
  const before = useMemo(() => runningTotal(hoursBefore, now), [hoursBefore, now]);
  const alike = useMemo(() => byClock(hours, hoursBefore), [hours, hoursBefore]);
  const chosen = active === null ? undefined : hours[active];
  const ghost = useMemo(
    () => (compared === null ? null : alike.map((hour) => hour.kwh)),
    [compared, alike],
  );
  const open = (index: number) => {
    const hour = hours[index];
    if (hour !== undefined && hour.kwh !== null) onHour(hour.start);
  };
  const readout = (hour: Hour, index: number) => {
    const then = ghost?.[index] ?? null;
    return [
      ...hourReadout(hour, zone, limit),
      ...(then === null || compared === null ? [] : [t.compare.value(figure(then), compared)]),
      ...(touch && hour.kwh !== null ? [t.use.tapAgain] : []),
    ];
  };
  const rows = (): Field[][] => {
    const c = t.exports.columns;
    return [
      [c.start, c.end, c.kwh, ...(compared === null ? [] : [`${c.compared} ${compared}`])],
      ...hours.map((hour, index) => [
        new Date(hour.start).toISOString(),
        new Date(hour.end).toISOString(),
        hour.kwh,
        ...(ghost === null ? [] : [ghost[index] ?? null]),
      ]),
    ];
  };
  const highest = Math.max(0, ...hours.map((hour) => hour.kwh ?? 0));
  const image = (): ChartImage => ({
    title: `${device.name}, ${dayLong(date)}`,
    subtitle: dayReadout(hours, zone, limit).join(' · '),
    unit: t.summary.kwh,
    layers: [{ name: device.name, colour: '--ems-series', values: hours.map((hour) => hour.kwh) }],
    ghost: ghost === null || compared === null ? null : { name: compared, values: ghost },
    ticks: hourTicks(hours, date, zone),
    missing: runsOf(hours, 'missing'),
    unfinished: hours.map((hour) => hour.state === 'open'),
    limit: limit === null || !limitInSight(limit, highest) ? null : { kwh: limit, name: t.hours.limit(exact(limit)) },
    slots: hours.length,
  });
  const describe = (index: number) => hourInWords(hours[index], zone, limit);
  const whole = () => {
    const parts = dayReadout(hours, zone, limit);
    return compared === null ? parts : [...parts, ...comparisonParts(hours, { name: compared, slots: alike }, 'day')];
  };

  return (
    <>
      <Card
        title={phone ? t.use.titleShort.day : t.hours.title}
        corner={
          <div className={classes.corner}>
            <ExportMenu name={fileName(device.name, date)} rows={rows} image={image} />
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
          </div>
        }
      >
        <Readout
          parts={chosen === undefined || active === null ? whole() : readout(chosen, active)}
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
              onOpen={open}
            >
              <EnergyBarChart hours={hours} ticks={ticks} limit={limit} ghost={ghost} />
            </SlotFrame>
            <Legend entries={hourEntries(hours, limit, compared)} />
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
          <Readout parts={trendReadout(hours, alike, active, zone, compared)} chosen={chosen !== undefined} />
          <SlotFrame
            className={classes.trend}
            testId="trend-chart"
            label={t.trend.label}
            count={hours.length}
            active={active}
            describe={(index) => trendReadout(hours, alike, index, zone, compared).join(', ')}
            onActive={setActive}
          >
            <EnergyLineChart points={points} before={before} ticks={ticks} length={hours.length} />
          </SlotFrame>
          <Legend entries={trendEntries(t.trend.thisDay, before.length === 0 ? null : (compared ?? t.trend.dayBefore))} />
          <TrendTable
            caption={`${t.trend.title}, ${device.name}, ${dayLong(date)}`}
            slot={t.hours.hour}
            names={hours.map((hour) => hourRange(hour, zone))}
            own={{ name: t.trend.thisDay, slots: hours }}
            before={before.length === 0 ? null : { name: compared ?? t.trend.dayBefore, slots: alike }}
          />
        </Card>
        <PartsOfDay hours={hours} />
      </div>
    </>
  );
}
