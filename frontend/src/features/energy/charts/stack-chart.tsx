import { memo } from 'react';
import { Bar, ComposedChart, ResponsiveContainer, type BarShapeProps } from 'recharts';
import { niceScale } from '@/lib/charts/chart-scale';
import { sumKwh } from '@/lib/energy/energy-day';
import type { Tick } from '@/lib/labels/hour-labels';
import type { Slot } from '@/lib/energy/series';
import { COLOURED, type Layer } from '@/lib/energy/stacking';
import frame from './energy-bar-chart.module.css';
import { Axes, Gaps, Ghost, MARGIN } from './plot';
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
      <ComposedChart data={rows} margin={MARGIN} barCategoryGap="24%" accessibilityLayer={false}>
        <Axes ticks={ticks} scale={scale} />
        <Gaps slots={slots} testId="slot-gap" />
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
        {ghost === null ? null : <Ghost />}
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
