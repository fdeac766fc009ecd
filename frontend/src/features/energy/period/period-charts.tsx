import { Button } from '@mantine/core';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import { Card } from '@/components/card';
import { Later } from '@/components/later';
import { FEW_STACKED } from '@/lib/energy/stacking';
import { isOfClock } from '@/lib/energy/periods';
import { quarterPower } from '@/lib/energy/power';
import type { Slot } from '@/lib/energy/slots';
import { t } from '@/lib/i18n/messages';
import { dayLengthNote } from '@/lib/labels/hour-labels';
import { periodName, slotTicks } from '@/lib/labels/period-labels';
import type { PeriodData } from '../api/use-period-data';
import { barEntries, Legend } from '../charts/legend';
import { Readout } from '../charts/readout';
import { SlotChart } from '../charts/slot-chart';
import { SlotFrame } from '../charts/slot-frame';
import { DeviceChips } from '../controls/device-chips';
import { useScreen } from '../controls/use-screen';
import { periodReadout, slotReadout } from '../model/readouts';
import type { Change } from '../model/address';
import type { ReadyView } from '../model/use-energy-view';
import { SlotTable } from '../tables/slot-table';
import { PartsOfDay } from './parts-of-day';
import { PeriodCorner } from './period-corner';
import { PeriodRunning } from './period-running';
import classes from './period-view.module.css';
import { Ranking } from './ranking';

const MS_PER_MINUTE = 60_000;

// Of longer periods than a day only.
const PeriodHeat = lazy(async () => ({ default: (await import('./period-heat')).PeriodHeat }));

function barsOf({ period, quarters, power }: ReadyView) {
  return period !== 'day' ? null : power ? 'power' : quarters ? 'quarter' : 'hour';
}

type PeriodChartsProps = { view: ReadyView; data: PeriodData; retry: () => void; show: (change: Change) => void };

/** The bars of a period with their table, and below them how it adds up and how it is spread. */
export function PeriodCharts({ view, data, retry, show }: PeriodChartsProps) {
  const { period, kind, date, zone, slots, visible, layers } = data;
  const [chosen, setActive] = useState<number | null>(null);
  // The period may be shorter than the one in which the slot was chosen.
  const active = chosen !== null && chosen < slots.length ? chosen : null;
  const { phone, touch, paper } = useScreen();

  const single = !view.all;
  const limit = single && kind === 'hour' ? view.device.max_consumption : null;
  // The hours may still be drawn.
  const inPower = view.power && kind === 'quarter';
  const subject = { period, kind, zone, single, limit, inPower };
  const deviceId = single ? view.device.device_id : null;
  const name = view.all ? t.all.option : view.device.name;
  const title = periodName(period, date);
  const ticks = useMemo(() => slotTicks(slots, period, zone, phone), [slots, period, zone, phone]);
  const other = view.compare === null ? null : data.other;
  const compared = useMemo(
    () => (other === null ? null : { name: other.name, values: slots.map((_, i) => other.slots[i]?.kwh ?? null) }),
    [other, slots],
  );

  // The bars answer a click at once; the rest follows when they are drawn.
  const exported = useDeferredValue(
    useMemo(
      () => ({ name, deviceId, title, slots, layers: visible, compared, period, kind, date, zone, single, limit, inPower }),
      [name, deviceId, title, slots, visible, compared, period, kind, date, zone, single, limit, inPower],
    ),
  );
  const table = useDeferredValue(
    useMemo(
      () => ({ slots, layers: visible, compared, limit, zone, caption: t.use.caption(name, title) }),
      [slots, visible, compared, limit, zone, name, title],
    ),
    null,
  );
  const below = useDeferredValue(useMemo(() => ({ data, ticks, compared: view.compare !== null }), [data, ticks, view.compare]), null);

  const words = (index: number) => {
    const slot = slots[index];
    const then = compared === null ? null : { name: compared.name, kwh: compared.values[index] ?? null };
    return slot === undefined ? [] : slotReadout(slot, then, subject);
  };
  const opens = (slot: Slot | undefined) =>
    slot !== undefined && (isOfClock(slot.kind) ? single && slot.kwh !== null : slot.state !== 'ahead');
  const open = (index: number) => {
    const slot = slots[index];
    if (slot === undefined || !opens(slot)) return;
    if (isOfClock(slot.kind)) {
      const begin = slot.start - (slot.clockMinute ?? 0) * MS_PER_MINUTE;
      show({ date: slot.day, period: 'day', hour: new Date(begin).toISOString() });
    } else show({ date: slot.day > view.today ? view.today : slot.day, period: slot.kind });
  };
  const hint = (index: number) => (touch && opens(slots[index]) ? t.use.tapAgain : null);
  return (
    <>
      <Card
        title={(phone ? t.use.titleShort : t.use.title)[kind]}
        corner={
          <Later>
            <PeriodCorner exported={exported} bars={barsOf(view)} table={view.table} show={show} />
          </Later>
        }
      >
        <Readout
          parts={periodReadout(slots, subject, phone && !paper)}
          chosen={active !== null}
          unit={inPower ? t.summary.kw : t.summary.kwh}
          note={period === 'day' ? dayLengthNote(slots, zone) : null}
        />
        {view.table && !paper ? null : (
          <>
            <SlotFrame
              className={classes.chart}
              testId={kind === 'hour' ? 'hourly-chart' : 'period-chart'}
              label={t.use.chartLabel(t.use.title[kind])}
              count={slots.length}
              active={active}
              words={words}
              hint={hint}
              onActive={setActive}
              onOpen={isOfClock(kind) && !single ? undefined : open}
            >
              <SlotChart slots={slots} layers={visible} compared={compared?.values ?? null} limit={limit} ticks={ticks} perKwh={inPower ? quarterPower(1) : 1} paper={paper} />
            </SlotFrame>
            <Legend entries={barEntries(slots, visible.length <= 1, limit, compared?.name ?? null)} several={visible.length > 1} />
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
        {view.leftOut.length === 0 ? null : <p className={classes.leftOut}>{t.all.leftOut(view.leftOut.map((each) => each.name).join(', '))}</p>}
        {table === null ? null : <SlotTable {...table} hidden={!view.table} onOpen={view.table && (!isOfClock(kind) || single) ? open : undefined} />}
      </Card>
      {below === null ? null : lower(below)}
    </>
  );

  function lower(drawn: NonNullable<typeof below>) {
    const ranked = drawn.data.layers.length > 1 ? <Ranking layers={drawn.data.visible} /> : null;
    const running = <PeriodRunning {...drawn} active={active} onActive={setActive} />;
    const { kind: drawnKind } = drawn.data.slots[0] ?? { kind };
    if (isOfClock(drawnKind) && ranked === null) {
      return (
        <div className={classes.row}>
          {running}
          <PartsOfDay hours={drawn.data.slots} />
        </div>
      );
    }
    return (
      <div className={classes.halves}>
        {drawnKind === 'day' && view.devices.length <= FEW_STACKED ? (
          <>
            <div className={classes.column}>
              {ranked}
              {running}
            </div>
            <Suspense fallback={<Card title={t.heat.title} busy>{null}</Card>}>
              <PeriodHeat view={view} data={drawn.data} show={show} />
            </Suspense>
          </>
        ) : (
          <>
            {ranked}
            {running}
          </>
        )}
      </div>
    );
  }
}
