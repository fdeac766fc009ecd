import type { Tick } from '@/lib/labels/hour-labels';

export function tickLabel(ticks: readonly Tick[]): ReadonlyMap<number, Tick> {
  return new Map(ticks.map((tick) => [tick.index, tick]));
}

type AxisTickProps = {
  labels: ReadonlyMap<number, Tick>;
  // The axis gives these.
  x?: number | string;
  y?: number | string;
  payload?: { value: number };
};

export function AxisTick({ labels, x, y, payload }: AxisTickProps) {
  const tick = labels.get(payload?.value ?? -1);
  if (tick === undefined) return null;
  return (
    <text
      x={x}
      y={y}
      dy="1em"
      textAnchor="middle"
      fontSize="0.75rem"
      fontWeight={tick.strong ? 600 : 400}
      fill={tick.strong ? 'var(--ems-text)' : 'var(--ems-dimmed)'}
    >
      {tick.label}
    </text>
  );
}
