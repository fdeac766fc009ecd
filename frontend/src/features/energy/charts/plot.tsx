// Parts of every chart: axes, the hatch over missing slots, the dashed comparison.
import { useId } from 'react';
import { CartesianGrid, Curve, Line, ReferenceArea, useChartWidth, XAxis, YAxis, type CurveProps } from 'recharts';
import { axisNumber, fittingTicks, type Scale } from '@/lib/charts/chart-scale';
import type { Tick } from '@/lib/labels/hour-labels';
import { runsOf, type Slot } from '@/lib/energy/slots';
import { AxisTick, tickLabel } from './axis-tick';
import { PLOT } from './chart-layout';

export const MARGIN = { top: PLOT.top, right: PLOT.right, bottom: 0, left: 0 };

type AxesProps = {
  ticks: readonly Tick[];
  scale: Scale;
  /** Number of slots. */
  count: number;
  /** A line over time, whose points stand anywhere on the axis. Without it, each slot is a category. */
  overTime?: boolean;
};

/** Horizontal lines only; the unit stands in the card's corner. */
export function Axes({ ticks, scale, count, overTime = false }: AxesProps) {
  const width = useChartWidth() ?? 0;
  const fitting = fittingTicks(ticks, (width - PLOT.left - PLOT.right) / count);
  const along =
    overTime
      ? { type: 'number' as const, dataKey: 'elapsed', domain: [0, count], allowDataOverflow: true }
      : { dataKey: 'index' };
  return (
    <>
      <CartesianGrid vertical={false} stroke="var(--ems-line)" />
      <XAxis
        {...along}
        height={PLOT.bottom}
        interval={0}
        ticks={fitting.map((tick) => tick.index)}
        tickLine={false}
        axisLine={{ stroke: 'var(--ems-control)' }}
        tick={<AxisTick labels={tickLabel(fitting)} />}
      />
      <YAxis
        width={PLOT.left}
        domain={[0, scale.top]}
        ticks={scale.ticks}
        tickFormatter={(value: number) => axisNumber(value, scale)}
        tickLine={false}
        axisLine={false}
        tick={{ fontSize: '0.75rem', fill: 'var(--ems-dimmed)' }}
      />
    </>
  );
}

/** A hatch over slots without readings; a plain ground where there was no meter yet. */
export function Gaps({ slots }: { slots: readonly Slot[] }) {
  // Of two charts with the same id the second would take the hatch of the first, and lose it with that chart.
  const hatch = useId();
  return (
    <>
      <defs>
        <pattern id={hatch} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1="1" y1="0" x2="1" y2="7" stroke="var(--ems-hatch)" strokeWidth="2" />
        </pattern>
      </defs>
      {runsOf(slots, 'unmetered').map(({ from, to }) => (
        <ReferenceArea key={from} x1={from} x2={to} fill="var(--ems-page)" fillOpacity={1} data-testid="unmetered" />
      ))}
      {runsOf(slots, 'missing').map(({ from, to }) => (
        <ReferenceArea
          key={from}
          x1={from}
          x2={to}
          fill={`url(#${hatch})`}
          fillOpacity={1}
          data-testid={slots[0]?.kind === 'hour' ? 'hour-gap' : 'slot-gap'}
        />
      ))}
    </>
  );
}

/** Stripes over a bar that lacks hours, whatever its colour is. */
export function Stripes({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line x1="1" y1="0" x2="1" y2="5" stroke="var(--ems-surface)" strokeWidth="2" />
      </pattern>
    </defs>
  );
}

/**
 * The shape of a line that does not move. Without the reference to its path, Recharts does not measure the
 * path's length for an entrance, and the browser need not lay out the page in the middle of a drawing.
 */
export function stillLine(props: CurveProps) {
  return <Curve {...props} pathRef={null} />;
}

/** A step over the whole width of each slot, the first and the last too; cut where a slot is unknown. */
function slotSteps({ points = [], stroke, strokeOpacity, strokeWidth, strokeDasharray }: CurveProps) {
  const half = ((points[1]?.x ?? 0) - (points[0]?.x ?? 0)) / 2;
  const steps = points.map(({ x, y }, index) =>
    x === null || y === null ? '' : `${(points[index - 1]?.y ?? null) === null ? 'M' : 'L'}${x - half},${y}H${x + half}`,
  );
  return (
    <path
      className="recharts-curve"
      d={steps.join('')}
      fill="none"
      stroke={stroke}
      strokeOpacity={strokeOpacity}
      strokeWidth={strokeWidth}
      strokeDasharray={strokeDasharray}
    />
  );
}

/** The energy that the bars are compared with: a dashed step line before them. */
export function ComparisonLine() {
  return (
    <Line
      dataKey="compared"
      className="ems-comparison"
      stroke="var(--ems-text)"
      strokeOpacity={0.75}
      strokeWidth={1.5}
      strokeDasharray="4 3"
      dot={false}
      activeDot={false}
      isAnimationActive={false}
      shape={slotSteps}
    />
  );
}
