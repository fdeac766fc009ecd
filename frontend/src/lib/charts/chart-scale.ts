// Geometry shared by the charts: round axis steps, and which slot the pointer is on.
import { textScale } from '@/lib/browser/text-size';
import { decimal } from '@/lib/labels/format';
import type { Tick } from '@/lib/labels/hour-labels';

export type Scale = { top: number; ticks: number[]; decimals: number };

/** A limit further above the highest bar than this would flatten the bars; it is named instead. */
const LIMIT_IN_SIGHT = 2.5;

/** Ticks of 1, 2, 2.5 or 5 × 10ⁿ from zero, about five of them, the last at or above `max`. */
export function niceScale(max: number): Scale {
  const height = max > 0 ? max : 1;
  const rough = height / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((step) => step * power >= rough * (1 - 1e-9)) ?? 10;
  const step = factor * power;
  const count = Math.ceil((height / step) * (1 - 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (factor === 2.5 ? 1 : 0));
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((i * step).toFixed(decimals)));
  return { top: ticks.at(-1) ?? step, ticks, decimals };
}

export function axisNumber(value: number, scale: Scale): string {
  return value === 0 ? '0' : decimal(value, scale.decimals);
}

export function limitInSight(limit: number | null, highest: number): boolean {
  return limit !== null && limit > 0 && limit <= Math.max(highest, 1e-9) * LIMIT_IN_SIGHT;
}

/** Width of a letter of the axis, px, and the space between two labels. Measuring the text would lay out the page while it is drawn. */
const LETTER_PX = 6.8 * textScale;
const LABEL_GAP_PX = 6;

/** Return the labels that stand beside each other without touching: the strong ones first, then the others from the left. */
export function fittingTicks(ticks: readonly Tick[], slotPx: number): Tick[] {
  const spanOf = ({ index, label }: Tick) => {
    const half = (label.length * LETTER_PX + LABEL_GAP_PX) / 2;
    const middle = (index + 0.5) * slotPx;
    return { from: middle - half, to: middle + half };
  };
  const taken: { from: number; to: number }[] = [];
  const labelled = new Set<Tick>();
  for (const tick of ticks.toSorted((a, b) => Number(b.strong) - Number(a.strong))) {
    const span = spanOf(tick);
    if (taken.some(({ from, to }) => span.from < to && from < span.to)) continue;
    taken.push(span);
    labelled.add(tick);
  }
  return ticks.filter((tick) => labelled.has(tick));
}

export type Plot = { left: number; right: number };

/** Index of the equal-width slot under `x` (px from the chart's left edge); ends are clamped. */
export function slotAt(x: number, width: number, plot: Plot, count: number): number {
  const inner = width - plot.left - plot.right;
  if (inner <= 0 || count === 0) return -1;
  const index = Math.floor(((x - plot.left) / inner) * count);
  return Math.min(count - 1, Math.max(0, index));
}
