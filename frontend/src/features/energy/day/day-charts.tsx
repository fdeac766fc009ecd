import { useDeferredValue, useMemo, useState } from 'react';
import { Card } from '@/components/card';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import type { ChartImage } from '@/lib/charts/chart-image';
import { limitInSight } from '@/lib/charts/chart-scale';
import { fileName, type Field } from '@/lib/files/csv';
import type { Day } from '@/lib/energy/days';
import { byClock, type Hour } from '@/lib/energy/energy-day';
import { dayLong, exact, figure } from '@/lib/labels/format';
import { dayLengthNote, hourTicks } from '@/lib/labels/hour-labels';
import { t } from '@/lib/i18n/messages';
import { runsOf } from '@/lib/energy/series';
import { dayReadout, hourReadout } from '../model/readouts';
import { ChartOrTable } from '../tables/chart-or-table';
import { DayTrend } from './day-trend';
import { EnergyBarChart } from '../charts/energy-bar-chart';
import { ExportMenu } from '../controls/export-menu';
import { HourTable } from '../tables/hour-table';
import { hourEntries, Legend } from '../charts/legend';
import { comparisonParts } from '../model/period-readouts';
import { Readout } from '../charts/readout';
import { SlotFrame } from '../charts/slot-frame';
import { useScreen } from '../controls/use-screen';
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
  table: boolean;
  onTable: (table: boolean) => void;
  onHour: (start: number) => void;
};

export function DayCharts({ device, zone, date, hours, hoursBefore, now, compared, table, onTable, onHour }: DayChartsProps) {
  const [chosen, setActive] = useState<number | null>(null);
  // A shorter day came meanwhile.
  const active = chosen !== null && chosen < hours.length ? chosen : null;
  const limit = device.max_consumption;
  const { phone, touch } = useScreen();

  const ticks = useMemo(() => hourTicks(hours, date, zone, phone), [hours, date, zone, phone]);
  const alike = useMemo(() => byClock(hours, hoursBefore), [hours, hoursBefore]);
  // The bars answer a click at once; what lies below them follows when they are drawn.
  const numbers = useDeferredValue(
    useMemo(
      () => ({ hours, zone, limit, caption: t.hours.caption(device.name, dayLong(date)) }),
      [hours, zone, limit, device.name, date],
    ),
    null,
  );
  const below = useDeferredValue(
    useMemo(
      () => ({ name: device.name, zone, date, hours, hoursBefore, alike, ticks, now, compared }),
      [device.name, zone, date, hours, hoursBefore, alike, ticks, now, compared],
    ),
    null,
  );
  const ghost = useMemo(
    () => (compared === null ? null : alike.map((hour) => hour.kwh)),
    [compared, alike],
  );
  const open = (index: number) => {
    const hour = hours[index];
    if (hour !== undefined && hour.kwh !== null) onHour(hour.start);
  };
  const words = (index: number) => {
    const hour = hours[index];
    if (hour === undefined) return [];
    const then = ghost?.[index] ?? null;
    const parts = hourReadout(hour, zone, limit);
    return then === null || compared === null ? parts : [...parts, t.compare.value(figure(then), compared)];
  };
  const hint = (index: number) => (touch && hours[index]?.kwh != null ? t.use.tapAgain : null);
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
            <ChartOrTable table={table} onTable={onTable} />
          </div>
        }
      >
        <Readout
          parts={whole()}
          chosen={active !== null}
          unit={t.summary.kwh}
          note={dayLengthNote(hours, zone)}
        />
        {table ? null : (
          <>
            <SlotFrame
              className={classes.chart}
              testId="hourly-chart"
              label={t.hours.chartLabel}
              count={hours.length}
              active={active}
              words={words}
              hint={hint}
              onActive={setActive}
              onOpen={open}
            >
              <EnergyBarChart hours={hours} ticks={ticks} limit={limit} ghost={ghost} />
            </SlotFrame>
            <Legend entries={hourEntries(hours, limit, compared)} />
          </>
        )}
        {numbers === null ? null : <HourTable {...numbers} hidden={!table} />}
      </Card>
      {below === null ? null : <DayTrend {...below} active={active} onActive={setActive} />}
    </>
  );
}
