import { memo } from 'react';
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  XAxis,
  YAxis,
  type BarShapeProps,
} from 'recharts';
import { axisNumber, limitInSight, niceScale } from '@/lib/chart-scale';
import { gapRuns, type Hour } from '@/lib/energy-day';
import type { Tick } from '@/lib/hour-labels';
import { AxisTick, tickLabel } from './axis-tick';
import { PLOT } from './chart-layout';
import classes from './energy-bar-chart.module.css';

type EnergyBarChartProps = { hours: Hour[]; ticks: Tick[]; limit: number | null; ghost: readonly (number | null)[] | null };

/** kWh per hour: one slot for each hour the day has, a hatch where readings are missing. */
export const EnergyBarChart = memo(function EnergyBarChart({ hours, ticks, limit, ghost }: EnergyBarChartProps) {
  const highest = Math.max(0, ...hours.map((hour) => hour.kwh ?? 0));
  const line = limitInSight(limit, highest) ? limit : null;
  const scale = niceScale(Math.max(highest, line ?? 0, ...(ghost ?? []).map((kwh) => kwh ?? 0)));
  const slots = hours.map((hour, index) => ({
    ...hour,
    index,
    ghost: ghost?.[index] ?? null,
    over: limit !== null && (hour.kwh ?? 0) > limit,
  }));

  return (
    <ResponsiveContainer width="100%" height="100%" className={classes.chart ?? ''}>
      <ComposedChart
        data={slots}
        margin={{ top: PLOT.top, right: PLOT.right, bottom: 0, left: 0 }}
        barCategoryGap="22%"
        accessibilityLayer={false}
      >
        <defs>
          <pattern id="ems-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
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
        {gapRuns(hours).map(({ from, to }) => (
          <ReferenceArea key={from} x1={from} x2={to} fill="url(#ems-hatch)" fillOpacity={1} data-testid="hour-gap" />
        ))}
        <Bar dataKey="kwh" isAnimationActive={false} shape={HourBar} />
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
        {line === null ? null : (
          <ReferenceLine y={line} stroke="var(--ems-limit)" strokeWidth={1.5} strokeDasharray="6 4" />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
});

type Slot = Hour & { index: number; over: boolean };

const ZERO_TICK_PX = 2;

function HourBar({ x, y, width, height, payload }: BarShapeProps) {
  const hour = payload as Slot;
  if (hour.kwh === null) return null;
  const tall = Math.max(ZERO_TICK_PX, height);
  return (
    <>
      <path
      className={classes.bar}
      d={roundedTop(x, y + height - tall, width, tall)}
      data-testid="hour-bar"
      data-start={new Date(hour.start).toISOString().replace('.000Z', 'Z')}
      data-kwh={hour.kwh}
      data-state={hour.state}
      data-over={hour.over || undefined}
    />
      {hour.covers === null ? null : (
        <circle cx={x + width / 2} cy={y - 6} r={3} fill="var(--ems-warn)" data-testid="slot-covers" />
      )}
    </>
  );
}

function roundedTop(x: number, y: number, width: number, height: number): string {
  const r = Math.min(3, width / 2, height);
  return `M${x},${y + height}V${y + r}Q${x},${y} ${x + r},${y}H${x + width - r}Q${x + width},${y} ${x + width},${y + r}V${y + height}Z`;
}
