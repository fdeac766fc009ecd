import { memo } from 'react';
import { Curve, Line, LineChart, XAxis, YAxis, type CurveProps } from 'recharts';
import { niceScale } from '@/lib/charts/chart-scale';
import type { RunningPoint } from '@/lib/energy/running-total';
import type { Tick } from '@/lib/labels/hour-labels';
import { Axes } from './axes';
import { PLOT, plotOf } from './chart-layout';
import { Sized } from './sized';

export type RunningChartProps = { points: RunningPoint[]; before: RunningPoint[]; ticks: Tick[]; length: number };

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
    <Sized>
      {(size) => {
        const plot = plotOf(size, length, scale.top);
        return (
          <LineChart {...size} margin={PLOT} accessibilityLayer={false}>
            <Axes plot={plot} ticks={ticks} scale={scale} />
            <XAxis hide type="number" dataKey="elapsed" domain={[0, length]} allowDataOverflow />
            <YAxis hide domain={[0, scale.top]} />
            <Line {...LINE} data={before} stroke="var(--ems-previous)" strokeWidth={1.5} strokeDasharray="4 4" />
            <Line {...LINE} data={points} stroke="var(--ems-series)" strokeWidth={2.5} />
            {/* A line that begins later than its period starts from zero there. */}
            {starts.map(({ at, colour }) => (
              <circle key={colour} cx={plot.x(at)} cy={plot.y(0)} r={3.5} fill="var(--ems-surface)" stroke={colour} strokeWidth={2} />
            ))}
            {end?.total == null ? null : (
              <circle
                cx={plot.x(end.elapsed)}
                cy={plot.y(end.total)}
                r={4.5}
                fill="var(--ems-series)"
                stroke="var(--ems-surface)"
                strokeWidth={2}
              />
            )}
          </LineChart>
        );
      }}
    </Sized>
  );
});

/**
 * The shape of a line that does not move. Without the reference to its path, Recharts does not measure the
 * path's length for an entrance, and the browser need not lay out the page in the middle of a drawing.
 */
function stillLine(props: CurveProps) {
  return <Curve {...props} pathRef={null} />;
}

const LINE = { dataKey: 'total', type: 'linear', dot: false, activeDot: false, isAnimationActive: false, shape: stillLine } as const;
