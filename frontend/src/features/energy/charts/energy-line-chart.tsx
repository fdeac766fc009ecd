import { memo } from 'react';
import { Line, LineChart, ReferenceDot, ResponsiveContainer } from 'recharts';
import { niceScale } from '@/lib/charts/chart-scale';
import type { Tick } from '@/lib/labels/hour-labels';
import type { RunningPoint } from '@/lib/energy/series';
import classes from './energy-bar-chart.module.css';
import { Axes, MARGIN, stillLine } from './plot';

type EnergyLineChartProps = { points: RunningPoint[]; before: RunningPoint[]; ticks: Tick[]; length: number };

/** A running total; that of the time before, dashed, as the measure of it. */
export const EnergyLineChart = memo(function EnergyLineChart({ points, before, ticks, length }: EnergyLineChartProps) {
  const highest = Math.max(0, ...[...points, ...before].map((point) => point.total ?? 0));
  const scale = niceScale(highest);
  const end = points.at(-1);

  return (
    <ResponsiveContainer width="100%" height="100%" className={classes.chart ?? ''}>
      <LineChart margin={MARGIN} accessibilityLayer={false}>
        <Axes ticks={ticks} scale={scale} length={length} />
        <Line
          data={before}
          dataKey="total"
          type="linear"
          stroke="var(--ems-previous)"
          strokeWidth={1.5}
          strokeDasharray="4 4"
          dot={false}
          activeDot={false}
          isAnimationActive={false}
          shape={stillLine}
        />
        <Line
          data={points}
          dataKey="total"
          type="linear"
          stroke="var(--ems-series)"
          strokeWidth={2.5}
          dot={false}
          activeDot={false}
          isAnimationActive={false}
          shape={stillLine}
        />
        {end?.total == null ? null : (
          <ReferenceDot
            x={end.elapsed}
            y={end.total}
            r={4.5}
            fill="var(--ems-series)"
            stroke="var(--ems-surface)"
            strokeWidth={2}
          />
        )}
      </LineChart>
    </ResponsiveContainer>
  );
});
