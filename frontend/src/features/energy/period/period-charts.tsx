import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Card } from '@/components/card';
import type { ChartImage } from '@/lib/charts/chart-image';
import { fileName, type Field } from '@/lib/files/csv';
import { figure } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { periodTitle, slotTicks } from '@/lib/labels/period-labels';
import { LEVEL_DOWN } from '@/lib/energy/periods';
import { runsOf, total, type Slot } from '@/lib/energy/series';
import classes from '../day/day-view.module.css';
import { ChartOrTable } from '../tables/chart-or-table';
import { DeviceChips } from '../controls/device-chips';
import { ExportMenu } from '../controls/export-menu';
import { Legend, slotEntries } from '../charts/legend';
import { PeriodHeat } from './period-heat';
import { periodReadout, slotReadout } from '../model/period-readouts';
import { PeriodTrend } from './period-trend';
import { Ranking } from './ranking';
import { Readout } from '../charts/readout';
import { SlotFrame } from '../charts/slot-frame';
import { SlotTable } from '../tables/slot-table';
import { StackChart } from '../charts/stack-chart';
import type { Change, ReadyView } from '../model/use-energy-view';
import type { PeriodData } from '../api/use-period-data';
import { useScreen } from '../controls/use-screen';

type PeriodChartsProps = { view: ReadyView; data: PeriodData; retry: () => void; show: (change: Change) => void };

export function PeriodCharts({ view, data, retry, show }: PeriodChartsProps) {
  const { period, date, zone, slots, shown, layers } = data;
  const [chosen, setActive] = useState<number | null>(null);
  // A shorter period came meanwhile.
  const active = chosen !== null && chosen < slots.length ? chosen : null;
  const { phone, touch } = useScreen();

  const ticks = useMemo(() => slotTicks(slots, period, zone, phone), [slots, period, zone, phone]);
  const other = view.compare === null ? null : data.other;
  const ghost = useMemo(() => (other === null ? null : slots.map((_, i) => other.slots[i]?.kwh ?? null)), [other, slots]);
  const named = other === null || ghost === null ? null : { name: other.name, values: ghost };

  const who = view.all ? t.all.option : view.device.name;
  const title = periodTitle(period, date);
  const single = shown.length <= 1;
  const words = (index: number) => {
    const slot = slots[index];
    return slot === undefined ? [] : slotReadout(slot, ghost?.[index] ?? null, other?.name ?? '', period, zone);
  };
  const opens = (slot: Slot | undefined) => slot !== undefined && slot.state !== 'ahead' && period !== 'day';
  const open = (index: number) => {
    const slot = slots[index];
    if (slot === undefined || !opens(slot) || period === 'day') return;
    show({ date: slot.day > view.today ? view.today : slot.day, period: LEVEL_DOWN[period] });
  };
  const hint = (index: number) => (touch && opens(slots[index]) ? t.use.tapAgain : null);

  const rows = (): Field[][] => {
    const c = t.exports.columns;
    const parts = layers.length > 1 ? shown : [];
    return [
      [c.start, c.end, c.kwh, c.hours, c.expected, ...parts.map((one) => one.name), ...(named === null ? [] : [`${c.compared} ${named.name}`])],
      ...slots.map((slot, i) => [
        new Date(slot.start).toISOString(),
        new Date(slot.end).toISOString(),
        slot.kwh,
        slot.hoursWithData,
        (slot.end - slot.start) / 3_600_000,
        ...parts.map((one) => one.slots[i]?.kwh ?? null),
        ...(named === null ? [] : [named.values[i] ?? null]),
      ]),
    ];
  };
  const image = (): ChartImage => ({
    title: `${who}, ${title}`,
    subtitle: `${t.summary.total} ${figure(total(slots))} ${t.summary.kwh} · ${periodReadout(slots, null, period, zone).join(' · ')}`,
    unit: t.summary.kwh,
    layers: shown.map((layer) => ({ name: layer.name, colour: layer.colour, values: layer.slots.map(({ kwh }) => kwh) })),
    ghost: named,
    ticks: slotTicks(slots, period, zone, false),
    missing: runsOf(slots, 'missing'),
    unfinished: slots.map(({ state }) => state === 'partial' || state === 'open'),
    limit: null,
    slots: slots.length,
  });

  const withHeat = period === 'week' || period === 'month';
  const ranked = layers.length > 1 ? <Ranking layers={shown} /> : null;
  const trend = <PeriodTrend data={data} compared={view.compare !== null} ticks={ticks} active={active} onActive={setActive} />;

  return (
    <>
      <Card
        title={(phone ? t.use.titleShort : t.use.title)[period]}
        corner={
          <div className={classes.corner}>
            <ExportMenu name={fileName(who, title)} rows={rows} image={image} />
            <ChartOrTable table={view.table} onTable={(table) => show({ table })} />
          </div>
        }
      >
        <Readout
          parts={periodReadout(slots, other, period, zone)}
          chosen={active !== null}
          unit={t.summary.kwh}
        />
        {view.table ? null : (
          <>
            <SlotFrame
              className={classes.chart}
              testId="period-chart"
              label={t.use.chartLabel(t.use.title[period])}
              count={slots.length}
              active={active}
              words={words}
              hint={hint}
              onActive={setActive}
              onOpen={period === 'day' ? undefined : open}
            >
              <StackChart slots={slots} layers={shown} ghost={ghost} ticks={ticks} />
            </SlotFrame>
            <Legend entries={slotEntries(slots, single, other?.name ?? null)} />
          </>
        )}
        {layers.length > 1 ? (
          <DeviceChips layers={layers} hidden={view.hidden} active={active} onHidden={(hidden) => show({ hidden })} />
        ) : null}
        {data.failed.length === 0 ? null : (
          <p className={classes.failed} role="status">
            {t.all.failed(data.failed.join(', '))}{' '}
            <Button size="compact-sm" variant="default" onClick={retry}>
              {t.tryAgain}
            </Button>
          </p>
        )}
        <SlotTable
          slots={slots}
          layers={shown}
          ghost={named}
          period={period}
          zone={zone}
          caption={t.use.caption(who, title)}
          hidden={!view.table}
        />
      </Card>
      <div className={classes.halves}>
        {withHeat ? (
          <>
            <div className={classes.column}>
              {ranked}
              {trend}
            </div>
            <PeriodHeat view={view} data={data} show={show} />
          </>
        ) : (
          <>
            {ranked}
            {trend}
          </>
        )}
      </div>
    </>
  );
}
