import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import classes from './chart.module.css';
import type { Size } from './chart-layout';

/** Draws a chart in the size of the place that it has, and again when that changes. */
export function Sized({ children }: { children: (size: Size) => ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      // Nothing is seen of a chart without a size, for example on paper.
      if (width > 0 && height > 0) setSize((was) => (was?.width === width && was.height === height ? was : { width, height }));
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={place} className={classes.chart}>
      {size === null ? null : children(size)}
    </div>
  );
}
