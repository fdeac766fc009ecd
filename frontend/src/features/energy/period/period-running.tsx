import { memo, useMemo } from 'react';
import { Card } from '@/components/card';
import { runningTotal } from '@/lib/energy/running-total';
import { useIdle } from '@/lib/hooks/use-idle';
import { loadedOnce } from '@/lib/hooks/use-loaded';
import { useSeen } from '@/lib/hooks/use-seen';
import { t } from '@/lib/i18n/messages';
import type { Tick } from '@/lib/labels/hour-labels';
import { periodName, slotTitle, textOf } from '@/lib/labels/period-labels';
import type { PeriodData } from '../api/use-period-data';
import { Legend, runningEntries } from '../charts/legend';
import { Readout } from '../charts/readout';
import type { RunningChartProps } from '../charts/running-chart';
import { SlotFrame } from '../charts/slot-frame';
import { lineName, runningReadout, totalsReadout } from '../model/readouts';
import { RunningTable } from '../tables/running-table';
import classes from './period-view.module.css';

// Recharts is larger than the rest of the page, and drawing with it takes longer than drawing everything else. It is loaded
// when the page is done, and draws when somebody comes near this chart, which stands below the bars, or prints the page.
const useCharts = loadedOnce(() => import('../charts/running-chart'));

function Curve(props: RunningChartProps) {
  const charts = useCharts();
  return charts === null ? null : <charts.RunningChart {...props} />;
}

function Preload() {
  useCharts();
  return null;
}

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
  const [place, seen] = useSeen();
  const idle = useIdle();
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
        <div ref={place} className={classes.place}>
          {idle ? <Preload /> : null}
          {seen ? <Curve points={running} before={before} ticks={ticks} length={slots.length} /> : null}
        </div>
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
