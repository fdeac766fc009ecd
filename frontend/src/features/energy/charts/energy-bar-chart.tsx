import { memo } from 'react';
import { Bar, ComposedChart, ReferenceLine, ResponsiveContainer, type BarShapeProps } from 'recharts';
import { limitInSight, niceScale } from '@/lib/charts/chart-scale';
import type { Hour } from '@/lib/energy/energy-day';
import type { Tick } from '@/lib/labels/hour-labels';
import classes from './energy-bar-chart.module.css';
import { Axes, Gaps, Ghost, MARGIN } from './plot';

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
      <ComposedChart data={slots} margin={MARGIN} barCategoryGap="22%" accessibilityLayer={false}>
        <Axes ticks={ticks} scale={scale} />
        <Gaps slots={hours} testId="hour-gap" />
        <Bar dataKey="kwh" isAnimationActive={false} shape={HourBar} />
        {ghost === null ? null : <Ghost />}
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
