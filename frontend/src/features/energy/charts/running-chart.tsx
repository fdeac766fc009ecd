import { memo } from 'react';
import { Line, LineChart, ReferenceDot, ResponsiveContainer } from 'recharts';
import { niceScale } from '@/lib/charts/chart-scale';
import type { Tick } from '@/lib/labels/hour-labels';
import type { RunningPoint } from '@/lib/energy/running-total';
import classes from './chart.module.css';
import { Axes, MARGIN, stillLine } from './plot';

type RunningChartProps = { points: RunningPoint[]; before: RunningPoint[]; ticks: Tick[]; length: number };

/** The running total of a period; that of the compared period is a dashed line. */
export const RunningChart = memo(function RunningChart({ points, before, ticks, length }: RunningChartProps) {
  const highest = Math.max(0, ...[...points, ...before].map((point) => point.total ?? 0));
  const scale = niceScale(highest);
  const end = points.at(-1);
  const starts = [
    { at: points[0]?.elapsed ?? 0, colour: 'var(--ems-series)' },
    { at: before[0]?.elapsed ?? 0, colour: 'var(--ems-previous)' },
  ].filter(({ at }) => at > 0);

  return (
    <ResponsiveContainer width="100%" height="100%" className={classes.chart ?? ''}>
      <LineChart margin={MARGIN} accessibilityLayer={false}>
        <Axes ticks={ticks} scale={scale} count={length} overTime />
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
        {/* A line that begins later than its period starts from zero there. */}
        {starts.map(({ at, colour }) => (
          <ReferenceDot key={colour} x={at} y={0} r={3.5} fill="var(--ems-surface)" stroke={colour} strokeWidth={2} />
        ))}
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
