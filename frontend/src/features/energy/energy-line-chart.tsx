import { memo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceDot, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { axisNumber, niceScale } from '@/lib/chart-scale';
import type { RunningPoint } from '@/lib/energy-day';
import type { Tick } from '@/lib/hour-labels';
import { AxisTick, tickLabel } from './axis-tick';
import { PLOT } from './chart-layout';
import classes from './energy-bar-chart.module.css';

type EnergyLineChartProps = { points: RunningPoint[]; before: RunningPoint[]; ticks: Tick[]; hours: number };

/** The day's running total; the day before, dashed, as the measure of it. */
export const EnergyLineChart = memo(function EnergyLineChart({ points, before, ticks, hours }: EnergyLineChartProps) {
  const highest = Math.max(0, ...[...points, ...before].map((point) => point.total ?? 0));
  const scale = niceScale(highest);
  const end = points.at(-1);

  return (
    <ResponsiveContainer width="100%" height="100%" className={classes.chart ?? ''}>
      <LineChart margin={{ top: PLOT.top, right: PLOT.right, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--ems-line)" />
        <XAxis
          type="number"
          dataKey="elapsed"
          domain={[0, hours]}
          allowDataOverflow
          height={PLOT.bottom}
          interval={0}
          ticks={ticks.map((tick) => tick.index)}
          tickLine={false}
          axisLine={{ stroke: 'var(--ems-control)' }}
          tick={<AxisTick labels={tickLabel(ticks)} />}
        />
        <YAxis
          width={PLOT.left}
          domain={[0, scale.top]}
          ticks={scale.ticks}
          tickFormatter={(value: number) => axisNumber(value, scale)}
          tickLine={false}
          axisLine={false}
          tick={{ fontSize: 12, fill: 'var(--ems-dimmed)' }}
        />
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
