import { render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { slotSpans } from '@/lib/energy/periods';
import { slotsOf, together, type Slot } from '@/lib/energy/slots';
import { layersOf } from '@/lib/energy/stacking';
import type { SeriesPoint } from '@/lib/transport/api-types';
import { seriesPoints } from '@/testing/series';
import { PLOT } from './chart-layout';
import { SlotChart } from './slot-chart';

const HEIGHT = 300;
const SLOT_PX = 20;
const AXIS_Y = HEIGHT - PLOT.bottom;
const DAY = '2026-03-20';
const spans = slotSpans('day', DAY, 'UTC');
const now = Date.parse('2026-03-22T00:00:00Z');

const hours = (kwhAt: (index: number) => number | null) => slotsOf(spans, seriesPoints(spans, kwhAt), now);

/** A day whose fourth hour is partly estimated. */
function estimatedDay(kwh: number, estimated: number): Slot[] {
  const points = seriesPoints(spans, () => kwh);
  return slotsOf(spans, points.with(3, { ...(points[3] as SeriesPoint), estimated, quality: { measured: 2, estimated: 2, missing: 0 } }), now);
}

function draw(devices: Slot[][], { compared = null as (number | null)[] | null, limit = null as number | null } = {}) {
  const layers = layersOf(devices.map((slots, at) => ({ id: `meter-${at}`, name: `Meter ${at}`, slots })), () => 'others');
  const slots = devices.length === 1 ? (devices[0] ?? []) : together(devices);
  return render(
    <SlotChart
      slots={slots}
      layers={layers}
      compared={compared}
      limit={limit}
      ticks={[{ index: 0, label: 'Fri 20 Mar', strong: true }]}
      paper={false}
    />,
  );
}

/** Return the upper and the lower edge of a bar, px. */
function edges(bar: HTMLElement): [top: number, foot: number] {
  const ys = [...(bar.getAttribute('d') ?? '').matchAll(/[V,](-?[\d.]+)/g)].map(([, y]) => Number(y));
  return [Math.min(...ys), Math.max(...ys)];
}

beforeEach(() => {
  const width = 24 * SLOT_PX + PLOT.left + PLOT.right;
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, width, HEIGHT));
});
afterEach(() => vi.restoreAllMocks());

it('a bar is as high as its kWh on the axis, and an hour without readings has a hatch in place of a bar', () => {
  draw([hours((index) => (index === 5 || index === 6 ? null : index === 3 ? 4 : 2))]);

  const bars = screen.getAllByTestId('hour-bar');
  expect(bars).toHaveLength(22);
  const heights = bars.map((bar) => edges(bar)[1] - edges(bar)[0]);
  expect(heights[3]).toBeCloseTo(HEIGHT - PLOT.top - PLOT.bottom);
  expect(heights[0]).toBeCloseTo((heights[3] ?? 0) / 2);
  const gap = screen.getByTestId('hour-gap');
  expect([gap.getAttribute('x'), gap.getAttribute('width')]).toEqual([String(PLOT.left + 5 * SLOT_PX), String(2 * SLOT_PX)]);
});

it('a measured zero is a bar that can be seen', () => {
  draw([hours((index) => (index === 3 ? 0 : 2))]);

  const [top, foot] = edges(screen.getAllByTestId('hour-bar')[3] as HTMLElement);
  expect([top, foot]).toEqual([AXIS_Y - 2, AXIS_Y]);
});

it('the segments of several devices stand on each other with a seam between them', () => {
  draw([hours(() => 1), hours(() => 2)]);

  const [first, second] = screen.getAllByTestId('hour-bar').map(edges);
  expect(first?.[1]).toBe(AXIS_Y);
  // The seam is 1 px.
  expect(second?.[1]).toBeCloseTo((first?.[0] ?? 0) - 1);
  expect((second?.[1] ?? 0) - (second?.[0] ?? 0)).toBeCloseTo(2 * ((first?.[1] ?? 0) - (first?.[0] ?? 0)) + 1);
});

it('an hour above the limit is marked, and a limit far above all hours is not drawn', () => {
  const { container, unmount } = draw([hours((index) => (index === 3 ? 4 : 2))], { limit: 3 });
  expect(screen.getAllByTestId('hour-bar').map(({ dataset }) => dataset.over === 'true').indexOf(true)).toBe(3);
  expect(container.querySelectorAll('[stroke="var(--ems-limit)"]')).toHaveLength(1);
  unmount();

  const far = draw([hours(() => 2)], { limit: 50 });
  expect(far.container.querySelectorAll('[stroke="var(--ems-limit)"]')).toHaveLength(0);
});

it('what is estimated is hatched at the top of its bar, also in a stack, and exceeds no limit', () => {
  const { unmount } = draw([estimatedDay(4, 1)], { limit: 3.5 });
  const [top, foot] = edges(screen.getByTestId('slot-estimated'));
  const whole = edges(screen.getAllByTestId('hour-bar')[3] as HTMLElement);
  expect([top, foot - top]).toEqual([whole[0], (whole[1] - whole[0]) / 4]);
  expect(screen.getAllByTestId('hour-bar').map(({ dataset }) => dataset.over)[3]).toBeUndefined();
  expect(screen.getAllByTestId('hour-bar').map(({ dataset }) => dataset.over)[4]).toBe('true');
  unmount();

  draw([hours(() => 1), estimatedDay(2, 2)]);
  expect(screen.getAllByTestId('slot-estimated')).toHaveLength(1);
  expect(screen.getAllByTestId('hour-bar').map(({ dataset }) => dataset.state)[6]).toBe('measured');
});

it('the comparison is a step over each hour, cut where it is unknown', () => {
  const { container } = draw([hours(() => 2)], { compared: [1, 1, null, ...Array.from({ length: 21 }, () => 1)] });

  const path = container.querySelector('.ems-comparison')?.getAttribute('d') ?? '';
  expect(path.match(/M/g)).toHaveLength(2);
  expect(path.startsWith(`M${PLOT.left},`)).toBe(true);
  expect(path.endsWith(`H${PLOT.left + 24 * SLOT_PX}`)).toBe(true);
});
