import type { ReactNode } from 'react';
import classes from './panel.module.css';

/** A surface without a title of its own: the page's heading names it. */
export function Panel({ children }: { children: ReactNode }) {
  return <div className={classes.panel}>{children}</div>;
}
