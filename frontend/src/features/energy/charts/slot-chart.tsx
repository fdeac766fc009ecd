import { memo, useId } from 'react';
import { Bar, ComposedChart, ReferenceLine, ResponsiveContainer, type BarShapeProps } from 'recharts';
import { limitInSight, niceScale } from '@/lib/charts/chart-scale';
import { sumKwh } from '@/lib/energy/kwh';
import { isEstimated } from '@/lib/energy/figures';
import type { Slot } from '@/lib/energy/slots';
import { COLOURED, type Layer } from '@/lib/energy/stacking';
import type { Tick } from '@/lib/labels/hour-labels';
import frame from './chart.module.css';
import { Axes, ComparisonLine, Gaps, MARGIN, Stripes } from './plot';
import classes from './slot-chart.module.css';

type SlotChartProps = {
  /** The whole: state of each slot. */
  slots: readonly Slot[];
  /** From the bottom to the top. */
  layers: readonly Layer[];
  /** kWh of the slots that these are compared with; null: no comparison is drawn. */
  compared: readonly (number | null)[] | null;
  /** kWh an hour may have; null: no limit is drawn. */
  limit: number | null;
  ticks: Tick[];
  /** The page is being printed: a chart that follows the width of its card would be drawn too late. */
  paper: boolean;
};

/** Size of the chart on paper, px: the width of a sheet of A4 within its margins, less the card's. */
const PAPER = { width: 660, height: 190 };


/** The kWh of each slot, one colour a device, with the comparison as a dashed step line and a hatch where readings are missing. */
export const SlotChart = memo(function SlotChart({ slots, layers, compared, limit, ticks, paper }: SlotChartProps) {
  const stripes = useId();
  const rows = slots.map((slot, index) => ({
    index,
    stripes,
    slot,
    over: limit !== null && (slot.kwh ?? 0) > limit,
    devices: layers.map((layer) => layer.id),
    compared: compared?.[index] ?? null,
    ...Object.fromEntries(layers.map((layer, at) => [`kwh${at}`, layer.slots[index]?.kwh ?? null])),
  }));
  const highest = Math.max(0, ...slots.map((_, index) => sumKwh(layers.map((layer) => layer.slots[index]?.kwh ?? 0))));
  const line = limitInSight(limit, highest) ? limit : null;
  const scale = niceScale(Math.max(highest, line ?? 0, ...(compared ?? []).map((kwh) => kwh ?? 0)));

  return (
    <ResponsiveContainer {...(paper ? PAPER : { width: '100%', height: '100%' })} className={frame.chart ?? ''}>
      <ComposedChart data={rows} margin={MARGIN} barCategoryGap="23%" accessibilityLayer={false}>
        <Axes ticks={ticks} scale={scale} count={slots.length} />
        <Stripes id={stripes} />
        <Gaps slots={slots} />
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
        {compared === null ? null : <ComparisonLine />}
        {line === null ? null : (
          <ReferenceLine y={line} stroke="var(--ems-limit)" strokeWidth={1.5} strokeDasharray="6 4" />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
});

/** Height of a bar of zero: a measured zero is visible. */
const ZERO_TICK_PX = 2;
/** Space between two segments of a stack, so that neighbours of like brightness stay two. */
const SEAM_PX = 1;
const RADIUS_PX = 3;

type Row = { slot: Slot; stripes: string; devices: string[]; over: boolean } & Record<string, unknown>;

/** One shape a layer, made once: a new function on each drawing would be a new component. */
const SHAPES = Array.from({ length: COLOURED + 1 }, (_, at) => (props: BarShapeProps) => slotBar(props, at));

const noShape = () => null;

function slotBar({ x, y, width, height, fill, payload }: BarShapeProps, at: number) {
  const row = payload as Row;
  const { slot, stripes, devices, over } = row;
  const single = devices.length === 1;
  const known = row[`kwh${at}`];
  const kwh = typeof known === 'number' ? known : null;
  if (kwh === null) return null;
  const tall = Math.max(single ? ZERO_TICK_PX : 0, (Number.isFinite(height) ? height : 0) - (single ? 0 : SEAM_PX));
  const outline = bar(x, y + height - tall, width, tall, single ? RADIUS_PX : 0);
  return (
    <>
      <path
        className={classes.bar}
        d={outline}
        fill={fill}
        stroke={fill}
        data-testid={slot.kind === 'hour' ? 'hour-bar' : 'slot-bar'}
        data-device={devices[at]}
        data-day={slot.day}
        data-start={new Date(slot.start).toISOString().replace('.000Z', 'Z')}
        data-kwh={kwh}
        data-state={slot.state}
        data-over={over || undefined}
      />
      {slot.state === 'partial' ? <path d={outline} fill={`url(#${stripes})`} /> : null}
      {single && isEstimated(slot) ? (
        <circle cx={x + width / 2} cy={y - 6} r={3} className={classes.estimated} data-testid="slot-estimated" />
      ) : null}
    </>
  );
}

/** A bar whose upper corners are round. */
function bar(x: number, y: number, width: number, height: number, radius: number): string {
  const r = Math.min(radius, width / 2, height);
  return `M${x},${y + height}V${y + r}Q${x},${y} ${x + r},${y}H${x + width - r}Q${x + width},${y} ${x + width},${y + r}V${y + height}Z`;
}
