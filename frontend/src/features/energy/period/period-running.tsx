import { memo, useMemo } from 'react';
import { Card } from '@/components/card';
import { resolutionOf } from '@/lib/energy/periods';
import { runningTotal } from '@/lib/energy/running-total';
import { total } from '@/lib/energy/slots';
import { t } from '@/lib/i18n/messages';
import { figure } from '@/lib/labels/format';
import type { Tick } from '@/lib/labels/hour-labels';
import { periodName, slotTitle, textOf } from '@/lib/labels/period-labels';
import type { PeriodData } from '../api/use-period-data';
import { Legend, runningEntries } from '../charts/legend';
import { Readout } from '../charts/readout';
import { RunningChart } from '../charts/running-chart';
import { SlotFrame } from '../charts/slot-frame';
import { comparisonParts, runningReadout } from '../model/readouts';
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
  const { slots, other, now, period, zone } = data;
  const running = useMemo(() => runningTotal(slots, now), [slots, now]);
  const before = useMemo(() => (other === null ? [] : runningTotal(other.own, now)), [other, now]);
  const against = other === null ? [] : comparisonParts(slots, other, period, !compared);
  const parts = against.length > 0 ? against : [`${figure(total(slots))} ${t.summary.kwh}`];
  const own = textOf(t.adds.own, period);
  return (
    <Card title={t.adds.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
      <Readout parts={parts} chosen={active !== null} />
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
      <Legend entries={runningEntries(own, before.length === 0 ? null : (other?.name ?? null))} />
      <RunningTable
        caption={`${t.adds.title}, ${periodName(period, data.date)}`}
        slot={t.use.slot[resolutionOf(period)]}
        names={slots.map((slot) => slotTitle(slot, zone))}
        own={{ name: own, slots }}
        before={before.length === 0 ? null : other}
      />
    </Card>
  );
});
