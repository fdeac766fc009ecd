import { memo, useId } from 'react';
import { limitInSight, niceScale } from '@/lib/charts/chart-scale';
import { sumKwh } from '@/lib/energy/kwh';
import { measuredKwh, runsOf, type Slot } from '@/lib/energy/slots';
import type { Layer } from '@/lib/energy/stacking';
import type { Tick } from '@/lib/labels/hour-labels';
import { Axes } from './axes';
import { plotOf, type Plot, type Size } from './chart-layout';
import { Sized } from './sized';
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
  /** The number that the axis names for 1 kWh: 4 where it names the kW of quarter-hours. */
  perKwh?: number;
  /** The page is being printed: a chart that follows the width of its card would be drawn too late. */
  paper: boolean;
};

/** Size of the chart on paper, px: the width of a sheet of A4 within its margins, less the card's. */
const PAPER = { width: 660, height: 190 };

/**
 * The kWh of each slot, one colour a device, with the comparison as a dashed step line and a hatch where readings are
 * missing. Drawn here and not by a library, which needs several times as long for it on a slow processor.
 */
export const SlotChart = memo(function SlotChart({ paper, ...bars }: SlotChartProps) {
  return paper ? <Bars {...bars} size={PAPER} /> : <Sized>{(size) => <Bars {...bars} size={size} />}</Sized>;
});

function Bars({ slots, layers, compared, limit, ticks, perKwh = 1, size }: Omit<SlotChartProps, 'paper'> & { size: Size }) {
  const id = useId();
  const highest = Math.max(0, ...slots.map((_, index) => sumKwh(layers.map((layer) => layer.slots[index]?.kwh ?? 0))));
  const line = limitInSight(limit, highest) ? limit : null;
  const scale = niceScale(perKwh * Math.max(highest, line ?? 0, ...(compared ?? []).map((kwh) => kwh ?? 0)));
  const plot = plotOf(size, slots.length, scale.top / perKwh);
  return (
    <svg {...size} aria-hidden>
      <defs>
        <Stripes id={`${id}gap`} every={7} colour="var(--ems-hatch)" />
        <Stripes id={`${id}partial`} every={5} colour="var(--ems-surface)" />
        <Stripes id={`${id}estimated`} every={4} wide={2.5} turn={-45} colour="var(--ems-surface)" />
      </defs>
      <Axes plot={plot} ticks={ticks} scale={scale} perKwh={perKwh} />
      <Runs slots={slots} plot={plot} state="unmetered" fill="var(--ems-page)" testId="unmetered" />
      <Runs slots={slots} plot={plot} state="missing" fill={`url(#${id}gap)`} testId={slots[0]?.kind === 'hour' ? 'hour-gap' : 'slot-gap'} />
      {slots.map((slot, index) => (
        <Stack
          // By its place: another day moves the bars that are there.
          // oxlint-disable-next-line no-array-index-key
          key={index}
          slot={slot}
          index={index}
          layers={layers}
          plot={plot}
          over={limit !== null && (measuredKwh(slot) ?? 0) > limit}
          patterns={id}
        />
      ))}
      {compared === null ? null : <path className="ems-comparison" d={steps(compared, plot)} {...COMPARISON} {...(plot.slotPx < DASHED_PX && FINE)} />}
      {line === null ? null : (
        <line x1={plot.left} x2={plot.right} y1={plot.y(line)} y2={plot.y(line)} stroke="var(--ems-limit)" strokeWidth={1.5} strokeDasharray="6 4" />
      )}
    </svg>
  );
}

const COMPARISON = { fill: 'none', stroke: 'var(--ems-text)', strokeOpacity: 0.75, strokeWidth: 1.5, strokeDasharray: '4 3' };
/** Slots narrower than this have steps shorter than two dashes: there the line is thin and whole. */
const DASHED_PX = 6;
const FINE = { strokeWidth: 1, strokeDasharray: 'none' };

type StripesProps = { id: string; every: number; wide?: number; turn?: number; colour: string };

/** Oblique stripes: over slots without readings, and over a bar that lacks hours or is estimated, whatever its colour is. */
function Stripes({ id, every, wide = 2, turn = 45, colour }: StripesProps) {
  return (
    <pattern id={id} width={every} height={every} patternUnits="userSpaceOnUse" patternTransform={`rotate(${turn})`}>
      <line x1={wide / 2} y1="0" x2={wide / 2} y2={every} stroke={colour} strokeWidth={wide} />
    </pattern>
  );
}

type RunsProps = { slots: readonly Slot[]; plot: Plot; state: Slot['state']; fill: string; testId: string };

/** The ground of neighbouring slots of a state. */
function Runs({ slots, plot, state, fill, testId }: RunsProps) {
  return runsOf(slots, state).map(({ from, to }) => (
    <rect
      key={from}
      x={plot.x(from)}
      y={plot.top}
      width={plot.x(to + 1) - plot.x(from)}
      height={plot.bottom - plot.top}
      fill={fill}
      data-testid={testId}
    />
  ));
}

/** Height of a bar of zero: a measured zero is visible. */
const ZERO_TICK_PX = 2;
/** Space between two segments of a stack, so that neighbours of like brightness stay two. */
const SEAM_PX = 1;
const RADIUS_PX = 3;
/** Of a slot's width; where slots are narrow, more of it. */
const BAR_WIDTH = 0.54;
const NARROW_PX = 12;
const NARROW_BAR_WIDTH = 0.8;

type StackProps = { slot: Slot; index: number; layers: readonly Layer[]; plot: Plot; over: boolean; patterns: string };

/** The bar of a slot, or the segments of several devices on each other. */
function Stack({ slot, index, layers, plot, over, patterns }: StackProps) {
  const single = layers.length === 1;
  const narrow = plot.slotPx < NARROW_PX;
  const whole = plot.slotPx * (narrow ? NARROW_BAR_WIDTH : BAR_WIDTH);
  // Whole pixels are sharp; of narrow bars they would leave gaps of different widths.
  const width = narrow ? whole : Math.floor(whole);
  const x = plot.x(index + 0.5) - width / 2;
  let below = 0;
  return layers.map((layer) => {
    const { kwh = null, estimated = 0, quality } = layer.slots[index] ?? {};
    if (kwh === null) return null;
    const foot = plot.y(below);
    below += kwh;
    const top = plot.y(below);
    const tall = Math.max(single ? ZERO_TICK_PX : 0, foot - top - (single ? 0 : SEAM_PX));
    const outline = bar(x, foot - tall, width, tall, single ? RADIUS_PX : 0);
    const fill = `var(${layer.colour})`;
    // The estimated part is on top; where all of it is zero, the whole bar is estimated.
    const part = quality === undefined || quality.estimated === 0 ? 0 : kwh === 0 ? 1 : estimated / kwh;
    return (
      <g key={layer.id}>
        <path
          className={classes.bar}
          d={outline}
          fill={fill}
          stroke={fill}
          data-testid={slot.kind === 'hour' ? 'hour-bar' : 'slot-bar'}
          data-device={layer.id}
          data-day={slot.day}
          data-start={new Date(slot.start).toISOString().replace('.000Z', 'Z')}
          data-kwh={kwh}
          data-state={slot.state}
          data-over={over || undefined}
        />
        {slot.state === 'partial' ? <path d={outline} fill={`url(#${patterns}partial)`} /> : null}
        {part === 0 ? null : (
          <path
            className={classes.estimated}
            d={bar(x, foot - tall, width, tall * part, single ? RADIUS_PX : 0)}
            fill={`url(#${patterns}estimated)`}
            stroke={fill}
            data-testid="slot-estimated"
          />
        )}
      </g>
    );
  });
}

/** A bar whose upper corners are round. */
function bar(x: number, y: number, width: number, height: number, radius: number): string {
  const r = Math.min(radius, width / 2, height);
  return `M${x},${y + height}V${y + r}Q${x},${y} ${x + r},${y}H${x + width - r}Q${x + width},${y} ${x + width},${y + r}V${y + height}Z`;
}

/** A step over the whole width of each slot, the first and the last too; cut where a slot is unknown. */
function steps(values: readonly (number | null)[], plot: Plot): string {
  return values
    .map((kwh, index) =>
      kwh === null ? '' : `${(values[index - 1] ?? null) === null ? 'M' : 'L'}${plot.x(index)},${plot.y(kwh)}H${plot.x(index + 1)}`,
    )
    .join('');
}
