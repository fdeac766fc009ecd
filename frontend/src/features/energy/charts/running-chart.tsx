import { memo } from 'react';
import { niceScale } from '@/lib/charts/chart-scale';
import type { RunningPoint } from '@/lib/energy/running-total';
import type { Tick } from '@/lib/labels/hour-labels';
import { Axes } from './axes';
import { plotOf, type Plot, type Size } from './chart-layout';
import { Sized } from './sized';

type RunningChartProps = { points: RunningPoint[]; before: RunningPoint[]; ticks: Tick[]; length: number };

/** The running total of a period; that of the compared period is a dashed line. */
export const RunningChart = memo(function RunningChart(lines: RunningChartProps) {
  return <Sized>{(size) => <Lines {...lines} size={size} />}</Sized>;
});

function Lines({ points, before, ticks, length, size }: RunningChartProps & { size: Size }) {
  const highest = Math.max(0, ...[...points, ...before].map((point) => point.total ?? 0));
  const scale = niceScale(highest);
  const plot = plotOf(size, length, scale.top);
  const end = points.at(-1);
  const starts = [
    { at: points[0]?.elapsed ?? 0, colour: 'var(--ems-series)' },
    { at: before[0]?.elapsed ?? 0, colour: 'var(--ems-previous)' },
  ].filter(({ at }) => at > 0);

  return (
    <svg {...size} aria-hidden>
      <Axes plot={plot} ticks={ticks} scale={scale} />
      <path d={lineOf(before, plot)} fill="none" stroke="var(--ems-previous)" strokeWidth={1.5} strokeDasharray="4 4" data-testid="before-line" />
      <path d={lineOf(points, plot)} fill="none" stroke="var(--ems-series)" strokeWidth={2.5} data-testid="running-line" />
      {/* A line that begins later than its period starts from zero there. */}
      {starts.map(({ at, colour }) => (
        <circle key={colour} cx={plot.x(at)} cy={plot.y(0)} r={3.5} fill="var(--ems-surface)" stroke={colour} strokeWidth={2} />
      ))}
      {end?.total == null ? null : (
        <circle cx={plot.x(end.elapsed)} cy={plot.y(end.total)} r={4.5} fill="var(--ems-series)" stroke="var(--ems-surface)" strokeWidth={2} />
      )}
    </svg>
  );
}

/** A line through the points, cut where the total is not known. */
function lineOf(points: readonly RunningPoint[], plot: Plot): string {
  return points
    .map(({ elapsed, total }, index) =>
      total === null ? '' : `${(points[index - 1]?.total ?? null) === null ? 'M' : 'L'}${plot.x(elapsed)},${plot.y(total)}`,
    )
    .join('');
}
