import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PLOT } from './chart-layout';
import { SlotFrame } from './slot-frame';

const WIDTH = 24 * 20 + PLOT.left + PLOT.right;
const middleOf = (slot: number) => PLOT.left + (slot + 0.5) * 20;

function Chart({ onOpen }: { onOpen?: (index: number) => void }) {
  const [active, setActive] = useState<number | null>(null);
  return (
    <SlotFrame
      label="Energy per hour"
      testId="chart"
      count={24}
      active={active}
      words={(index) => [`hour ${index}`, '1.5 kWh', '6 readings']}
      hint={() => 'tap again to open'}
      onActive={setActive}
      onOpen={onOpen}
    >
      <svg />
    </SlotFrame>
  );
}

const chart = () => screen.getByTestId('chart');
const tooltip = () => screen.queryByTestId('tooltip');
const tooltipLines = () => [...(tooltip()?.children ?? [])].map((part) => part.textContent);
const pointer = (slot: number, pointerType: string) => ({ clientX: middleOf(slot), pointerType });

const shift = () => Number.parseFloat(/translateX\((-?[\d.]+)%\)/.exec(tooltip()?.style.transform ?? '')?.[1] ?? 'NaN');

function tap(slot: number) {
  fireEvent.pointerDown(chart(), pointer(slot, 'touch'));
  fireEvent.pointerLeave(chart(), pointer(slot, 'touch'));
  fireEvent.click(chart(), pointer(slot, 'touch'));
}

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, WIDTH, 300));
});
afterEach(() => vi.restoreAllMocks());

it('the tooltip names the slot under a mouse and goes with it', () => {
  render(<Chart />);
  expect(tooltip()).toBeNull();

  fireEvent.pointerMove(chart(), pointer(5, 'mouse'));
  expect(tooltipLines()).toEqual(['hour 5', '1.5 kWh', '6 readings', 'tap again to open']);
  fireEvent.pointerMove(chart(), pointer(6, 'mouse'));
  expect(tooltipLines()[0]).toBe('hour 6');

  fireEvent.pointerLeave(chart(), pointer(6, 'mouse'));
  expect(tooltip()).toBeNull();
});

it('the tooltip stays after a tap, and a second tap opens the slot', () => {
  const onOpen = vi.fn<(index: number) => void>();
  render(<Chart onOpen={onOpen} />);

  tap(7);
  expect(tooltipLines()[0]).toBe('hour 7');
  expect(onOpen).not.toHaveBeenCalled();

  tap(7);
  expect(onOpen).toHaveBeenCalledWith(7);
});

it('arrow keys move the tooltip, Escape removes it, and screen readers get its words', () => {
  render(<Chart />);

  fireEvent.keyDown(chart(), { key: 'Home' });
  fireEvent.keyDown(chart(), { key: 'ArrowRight' });
  expect(tooltipLines()[0]).toBe('hour 1');
  expect(chart().getAttribute('aria-valuetext')).toBe('hour 1, 1.5 kWh, 6 readings');

  fireEvent.keyDown(chart(), { key: 'Escape' });
  expect(tooltip()).toBeNull();
});

it('the tooltip is shifted at the ends of the chart, so that it stays inside', () => {
  render(<Chart />);

  fireEvent.keyDown(chart(), { key: 'Home' });
  expect(shift()).toBeGreaterThan(-5);
  fireEvent.keyDown(chart(), { key: 'End' });
  expect(shift()).toBeLessThan(-95);
});
