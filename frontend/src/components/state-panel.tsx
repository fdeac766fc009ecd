import type { ReactNode } from 'react';
import classes from './state-panel.module.css';

type StatePanelProps = {
  icon: ReactNode;
  title: string;
  text?: string | undefined;
  note?: string | undefined;
  action?: ReactNode;
  testId?: string;
  /** Alone on a page: the title is its heading. */
  page?: boolean;
  role?: 'alert' | 'status';
};

/** A state, its reason and the next step: for empty, missing and failed content alike. */
export function StatePanel({ icon, title, text, note, action, testId, page, role = 'status' }: StatePanelProps) {
  const Heading = page ? 'h1' : 'h3';
  return (
    <div className={classes.panel} data-page={page || undefined} data-testid={testId} role={role}>
      <span className={classes.icon}>{icon}</span>
      <Heading className={classes.title}>{title}</Heading>
      {text === undefined ? null : <p className={classes.text}>{text}</p>}
      {action === undefined ? null : <div className={classes.action}>{action}</div>}
      {note === undefined ? null : <p className={classes.note}>{note}</p>}
    </div>
  );
}
