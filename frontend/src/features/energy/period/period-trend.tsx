import { useMemo } from 'react';
import { Card } from '@/components/card';
import { figure } from '@/lib/labels/format';
import type { Tick } from '@/lib/labels/hour-labels';
import { t } from '@/lib/i18n/messages';
import { periodTitle, slotName } from '@/lib/labels/period-labels';
import { RESOLUTION } from '@/lib/energy/periods';
import { runningTotal, total } from '@/lib/energy/series';
import classes from '../day/day-view.module.css';
import { EnergyLineChart } from '../charts/energy-line-chart';
import { Legend, trendEntries } from '../charts/legend';
import { comparisonParts, runningReadout } from '../model/period-readouts';
import { Readout } from '../charts/readout';
import { SlotFrame } from '../charts/slot-frame';
import { TrendTable } from '../tables/trend-table';
import type { PeriodData } from '../api/use-period-data';

type PeriodTrendProps = {
  data: PeriodData;
  /** The comparison was asked for: then it is also said that there is none. */
  compared: boolean;
  ticks: Tick[];
  active: number | null;
  onActive: (index: number | null) => void;
};

/** How a period adds up, beside the one that it is measured by. */
export function PeriodTrend({ data, compared, ticks, active, onActive }: PeriodTrendProps) {
  const { slots, other, now, period, zone } = data;
  const running = useMemo(() => runningTotal(slots, now), [slots, now]);
  const before = useMemo(() => (other === null ? [] : runningTotal(other.slots, now)), [other, now]);
  const against = other === null ? [] : comparisonParts(slots, other, period, !compared);
  const said = against.length > 0 ? against : [`${figure(total(slots))} ${t.summary.kwh}`];
  const words = (index: number) => runningReadout(slots, other, index, period, zone);
  return (
    <Card title={t.adds.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
      <Readout parts={said} chosen={active !== null} />
      <SlotFrame
        className={classes.trend}
        testId="trend-chart"
        label={t.adds.label}
        count={slots.length}
        active={active}
        words={words}
        onActive={onActive}
      >
        <EnergyLineChart points={running} before={before} ticks={ticks} length={slots.length} />
      </SlotFrame>
      <Legend entries={trendEntries(t.adds.own, before.length === 0 ? null : (other?.name ?? null))} />
      <TrendTable
        caption={`${t.adds.title}, ${periodTitle(period, data.date)}`}
        slot={t.use.slot[RESOLUTION[period]]}
        names={slots.map((slot) => slotName(slot, period, zone))}
        own={{ name: t.adds.own, slots }}
        before={before.length === 0 ? null : other}
      />
    </Card>
  );
}
