import { render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RunningPoint } from '@/lib/energy/running-total';
import { PLOT } from './chart-layout';
import { RunningChart } from './running-chart';

const SLOT_PX = 10;
const HEIGHT = 100 + PLOT.top + PLOT.bottom;

beforeEach(() => {
  const width = 24 * SLOT_PX + PLOT.left + PLOT.right;
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, width, HEIGHT));
});
afterEach(() => vi.restoreAllMocks());

const point = (elapsed: number, total: number | null): RunningPoint => ({ elapsed, total });

/** Return the strokes of a line as places [slots, kWh] in a chart whose axis ends at 10 kWh. */
function strokes(line: string): number[][][] {
  const d = screen.getByTestId(line).getAttribute('d') ?? '';
  return d
    .split('M')
    .slice(1)
    .map((stroke) =>
      stroke.split('L').map((place) => {
        const [x, y] = place.split(',').map(Number);
        return [((x ?? Number.NaN) - PLOT.left) / SLOT_PX, (HEIGHT - PLOT.bottom - (y ?? Number.NaN)) / 10].map((n) => Math.round(n * 1e6) / 1e6);
      }),
    );
}

function draw(points: RunningPoint[], before: RunningPoint[] = []) {
  return render(<RunningChart points={points} before={before} ticks={[]} length={24} />);
}

it('the line joins the totals at the ends of the slots and is cut where the total is not known', () => {
  draw([point(0, 0), point(1, 2), point(1.001, null), point(3, 2), point(4, 10)]);

  expect(strokes('running-line')).toEqual([
    [[0, 0], [1, 2]],
    [[3, 2], [4, 10]],
  ]);
});

it('the compared period has a line of its own on the same axis, and without one there is no line', () => {
  const { rerender } = draw([point(0, 0), point(1, 10)], [point(0, 0), point(1, 5)]);
  expect(strokes('before-line')).toEqual([[[0, 0], [1, 5]]]);

  rerender(<RunningChart points={[point(0, 0), point(1, 10)]} before={[]} ticks={[]} length={24} />);
  expect(strokes('before-line')).toEqual([]);
});

it('a line that begins later than its period stands on a dot at zero, and the last total has a dot', () => {
  const { container } = draw([point(2, 0), point(3, 10)]);

  const dots = [...container.querySelectorAll('circle')].map((dot) => [Number(dot.getAttribute('cx')), Number(dot.getAttribute('cy'))]);
  expect(dots).toEqual([
    [PLOT.left + 2 * SLOT_PX, HEIGHT - PLOT.bottom],
    [PLOT.left + 3 * SLOT_PX, PLOT.top],
  ]);
});

it('a period without readings has axes and no dot', () => {
  const { container } = draw([]);
  expect(strokes('running-line')).toEqual([]);
  expect(container.querySelectorAll('circle')).toHaveLength(0);
  expect(container.querySelectorAll('text').length).toBeGreaterThan(0);
});
