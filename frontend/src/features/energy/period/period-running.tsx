import { memo, useMemo } from 'react';
import { Card } from '@/components/card';
import { runningTotal } from '@/lib/energy/running-total';
import { t } from '@/lib/i18n/messages';
import type { Tick } from '@/lib/labels/hour-labels';
import { periodName, slotTitle, textOf } from '@/lib/labels/period-labels';
import type { PeriodData } from '../api/use-period-data';
import { Legend, runningEntries } from '../charts/legend';
import { Readout } from '../charts/readout';
import { RunningChart } from '../charts/running-chart';
import { SlotFrame } from '../charts/slot-frame';
import { lineName, runningReadout, totalsReadout } from '../model/readouts';
import { RunningTable } from '../tables/running-table';
import classes from './period-view.module.css';

type PeriodRunningProps = {
  data: PeriodData;
  /** A comparison is switched on: then a missing one is named too. */
  compared: boolean;
  ticks: Tick[];
  active: number | null;
  onActive: (index: number | null) => void;
};

/** The running total of a period, beside that of the period that it is compared with. */
export const PeriodRunning = memo(function PeriodRunning({ data, compared, ticks, active, onActive }: PeriodRunningProps) {
  const { slots, other, now, period, kind, zone } = data;
  const running = useMemo(() => runningTotal(slots, now), [slots, now]);
  // In the places of the own slots, as the figures compare them: by the clock, not by their number.
  const before = useMemo(() => (other === null ? [] : runningTotal(other.slots, now)), [other, now]);
  const own = lineName(textOf(t.adds.own, period), slots, zone);
  const otherName = other === null || before.length === 0 ? null : lineName(other.name, other.slots, zone);
  return (
    <Card title={t.adds.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
      <Readout parts={totalsReadout(slots, other, kind, compared)} chosen={active !== null} />
      <SlotFrame
        className={classes.running}
        testId="trend-chart"
        label={t.adds.label}
        count={slots.length}
        active={active}
        words={(index) => runningReadout(slots, other, index, zone)}
        onActive={onActive}
      >
        <RunningChart points={running} before={before} ticks={ticks} length={slots.length} />
      </SlotFrame>
      <Legend entries={runningEntries(own, otherName)} />
      <RunningTable
        caption={`${t.adds.title}, ${periodName(period, data.date)}`}
        slot={t.use.slot[kind]}
        names={slots.map((slot) => slotTitle(slot, zone))}
        own={{ name: own, slots }}
        before={other === null || otherName === null ? null : { name: otherName, slots: other.slots }}
      />
    </Card>
  );
});
