import type { ReactNode } from 'react';
import classes from './card.module.css';

type CardProps = { title: string; corner?: ReactNode; busy?: boolean; testId?: string; children: ReactNode };

export function Card({ title, corner, busy, testId, children }: CardProps) {
  return (
    <section className={classes.card} aria-busy={busy || undefined} data-testid={testId}>
      <header className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        {corner}
      </header>
      {children}
    </section>
  );
}
