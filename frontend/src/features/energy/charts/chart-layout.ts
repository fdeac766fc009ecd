import { textScale } from '@/lib/browser/text-size';

/**
 * Space around every plot, px; labels that a reader has enlarged need more of it. It never changes while a page is open, so that
 * the pointer's slot follows from the position alone.
 */
export const PLOT = { left: 40 * textScale, right: 8, top: 10, bottom: 30 * textScale };

/** Of a whole chart, px. */
export type Size = { width: number; height: number };

/** The plot of a chart: its edges and the width of a slot in px, and the places of values in it. */
export type Plot = {
  left: number;
  right: number;
  top: number;
  bottom: number;
  slotPx: number;
  /** Place of a time that is so many slots after the beginning. */
  x: (slots: number) => number;
  y: (kwh: number) => number;
};

/** Return the plot of `count` slots, whose highest value is `most` kWh. */
export function plotOf({ width, height }: Size, count: number, most: number): Plot {
  const [right, bottom] = [Math.max(PLOT.left, width - PLOT.right), Math.max(PLOT.top, height - PLOT.bottom)];
  const slotPx = (right - PLOT.left) / count;
  return {
    left: PLOT.left,
    right,
    top: PLOT.top,
    bottom,
    slotPx,
    x: (slots) => PLOT.left + slots * slotPx,
    y: (kwh) => bottom - (kwh / most) * (bottom - PLOT.top),
  };
}
