import { useRef, type KeyboardEvent, type MouseEvent, type PointerEvent, type ReactNode } from 'react';
import { slotAt } from '@/lib/charts/chart-scale';
import { PLOT } from './chart-layout';
import classes from './slot-frame.module.css';

type SlotFrameProps = {
  label: string;
  className?: string | undefined;
  testId: string;
  count: number;
  active: number | null;
  /** Returns the slot in words: its name, then its figures. The tooltip shows them, and screen readers speak them. */
  words: (index: number) => string[];
  /** A word about the next step, at the end of the tooltip. */
  hint?: (index: number) => string | null;
  onActive: (index: number | null) => void;
  /** Opens a slot: a click, a second tap, or Enter. */
  onOpen?: ((index: number) => void) | undefined;
  children: ReactNode;
};

/**
 * A chart whose slots are chosen by pointer, touch or arrow keys. The choice is a band over the
 * drawing and a tooltip above it, so moving it does not draw the chart again.
 */
export function SlotFrame({ label, className, testId, count, active, words, hint, onActive, onOpen, children }: SlotFrameProps) {
  const frame = useRef<HTMLDivElement>(null);
  const byTouch = useRef(false);
  /** The slot that was chosen before this touch: only a second tap on it opens it. */
  const tapped = useRef<number | null>(null);

  const slotUnder = (event: MouseEvent): number | null => {
    const box = frame.current?.getBoundingClientRect();
    return box === undefined ? null : slotAt(event.clientX - box.left, box.width, PLOT, count);
  };
  const choose = (event: PointerEvent) => onActive(slotUnder(event));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && active !== null && onOpen !== undefined) {
      event.preventDefault();
      onOpen(active);
      return;
    }
    const to = target(event.key, active, count);
    if (to === undefined) return;
    event.preventDefault();
    onActive(to);
  };

  return (
    <div
      ref={frame}
      className={`${classes.frame} ${className ?? ''}`}
      data-testid={testId}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={(active ?? 0) + 1}
      aria-valuetext={words(active ?? 0).join(', ')}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        byTouch.current = event.pointerType !== 'mouse';
        tapped.current = active;
        choose(event);
      }}
      onPointerMove={choose}
      onClick={(event) => {
        const slot = slotUnder(event);
        if (slot !== null && (!byTouch.current || slot === tapped.current)) onOpen?.(slot);
      }}
      data-opens={onOpen !== undefined || undefined}
      onPointerLeave={() => {
        // A tapped slot stays until another place is tapped; a mouse that leaves clears the choice.
        if (!byTouch.current) onActive(null);
      }}
      onBlur={() => onActive(null)}
    >
      {children}
      {active === null ? null : (
        <>
          <div className={classes.band} style={bandStyle(active, count)} aria-hidden />
          <Tooltip parts={words(active)} hint={hint?.(active) ?? null} at={(active + 0.5) / count} />
        </>
      )}
    </div>
  );
}

/**
 * Stands above the plot, where it hides no bar, near its slot. `at` is the slot's place from 0 to 1: the tooltip is
 * shifted by that part of its own width, so that it never leaves the chart.
 */
function Tooltip({ parts, hint, at }: { parts: string[]; hint: string | null; at: number }) {
  const [first, ...rest] = parts;
  return (
    <div className={classes.above} aria-hidden>
      <div className={classes.tooltip} style={{ left: `${100 * at}%`, transform: `translateX(${-100 * at}%)` }} data-testid="tooltip">
        <strong>{first}</strong>
        {[...rest, ...(hint === null ? [] : [hint])].map((part) => (
          <span key={part}>{part}</span>
        ))}
      </div>
      <div className={classes.pointer} style={{ left: along(at) }} />
    </div>
  );
}

/** A place from 0 to 1 along the plot, in the frame around it. */
function along(at: number): string {
  return `calc(${PLOT.left}px + (100% - ${PLOT.left + PLOT.right}px) * ${at})`;
}

function bandStyle(index: number, count: number) {
  return {
    left: along(index / count),
    width: `calc((100% - ${PLOT.left + PLOT.right}px) / ${count})`,
    top: PLOT.top,
    bottom: PLOT.bottom,
  };
}

function target(key: string, active: number | null, count: number): number | null | undefined {
  const last = count - 1;
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return active === null ? 0 : Math.min(last, active + 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return active === null ? last : Math.max(0, active - 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}
