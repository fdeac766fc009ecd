import { memo } from 'react';
import { Bar, CartesianGrid, ComposedChart, Line, ReferenceArea, ResponsiveContainer, XAxis, YAxis, type BarShapeProps } from 'recharts';
import { axisNumber, niceScale } from '@/lib/chart-scale';
import { sumKwh } from '@/lib/energy-day';
import type { Tick } from '@/lib/hour-labels';
import { missingRuns, type Slot } from '@/lib/series';
import { COLOURED, type Layer } from '@/lib/stacking';
import { AxisTick, tickLabel } from './axis-tick';
import { PLOT } from './chart-layout';
import frame from './energy-bar-chart.module.css';
import classes from './stack-chart.module.css';

type StackChartProps = {
  /** The whole: state of each slot. */
  slots: readonly Slot[];
  /** From the bottom to the top. */
  layers: readonly Layer[];
  ghost: readonly (number | null)[] | null;
  ticks: Tick[];
};

/** kWh per slot, one colour a device; what it is compared with as a dashed step line. */
export const StackChart = memo(function StackChart({ slots, layers, ghost, ticks }: StackChartProps) {
  const rows = slots.map((slot, index) => ({
    index,
    slot,
    devices: layers.map((layer) => layer.id),
    ghost: ghost?.[index] ?? null,
    ...Object.fromEntries(layers.map((layer, at) => [`kwh${at}`, layer.slots[index]?.kwh ?? null])),
  }));
  const sums = slots.map((_, index) => sumKwh(layers.map((layer) => layer.slots[index]?.kwh ?? 0)));
  const scale = niceScale(Math.max(0, ...sums, ...(ghost ?? []).map((kwh) => kwh ?? 0)));

  return (
    <ResponsiveContainer width="100%" height="100%" className={frame.chart ?? ''}>
      <ComposedChart
        data={rows}
        margin={{ top: PLOT.top, right: PLOT.right, bottom: 0, left: 0 }}
        barCategoryGap="24%"
        accessibilityLayer={false}
      >
        <defs>
          <pattern id="ems-hatch-slots" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="1" y1="0" x2="1" y2="7" stroke="var(--ems-hatch)" strokeWidth="2" />
          </pattern>
        </defs>
        <CartesianGrid vertical={false} stroke="var(--ems-line)" />
        <XAxis
          dataKey="index"
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
        {missingRuns(slots).map(({ from, to }) => (
          <ReferenceArea key={from} x1={from} x2={to} fill="url(#ems-hatch-slots)" fillOpacity={1} data-testid="slot-gap" />
        ))}
        {layers.map((layer, at) => (
          <Bar
            key={layer.id}
            dataKey={`kwh${at}`}
            stackId="use"
            fill={`var(${layer.colour})`}
            isAnimationActive={false}
            shape={SHAPES[at] ?? noShape}
          />
        ))}
        {ghost === null ? null : (
          <Line
            dataKey="ghost"
            type="step"
            className="ems-ghost"
            stroke="var(--ems-text)"
            strokeOpacity={0.75}
            strokeWidth={1.5}
            strokeDasharray="4 3"
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
});

const ZERO_TICK_PX = 2;
/** Between two segments, so neighbours of like brightness stay two. */
const SEAM_PX = 1;

type Row = { slot: Slot; devices: string[] } & Record<string, unknown>;

/** One shape a layer, made once: a new function on each drawing would be a new component. */
const SHAPES = Array.from({ length: COLOURED + 1 }, (_, at) => (props: BarShapeProps) => slotBar(props, at));

const noShape = () => null;

function slotBar({ x, y, width, height, fill, payload }: BarShapeProps, at: number) {
  const row = payload as Row;
  const { slot, devices } = row;
  const single = devices.length === 1;
  const known = row[`kwh${at}`];
  const kwh = typeof known === 'number' ? known : null;
  if (kwh === null) return null;
  const tall = Math.max(single ? ZERO_TICK_PX : 0, (Number.isFinite(height) ? height : 0) - (single ? 0 : SEAM_PX));
  const covers = single && slot.covers !== null && slot.covers > 1;
  return (
    <>
      <rect
        className={classes.bar}
        x={x}
        y={y + height - tall}
        width={width}
        height={tall}
        rx={single ? Math.min(3, width / 2) : 0}
        fill={fill}
        stroke={fill}
        data-testid="slot-bar"
        data-device={devices[at]}
        data-day={slot.day}
        data-start={new Date(slot.start).toISOString().replace('.000Z', 'Z')}
        data-kwh={kwh}
        data-state={slot.state}
      />
      {covers ? <circle cx={x + width / 2} cy={y - 6} r={3} className={classes.covers} data-testid="slot-covers" /> : null}
    </>
  );
}
