import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import type { ReactNode } from 'react';
import { useTitle } from '@/lib/hooks/use-title';
import classes from './admin-page.module.css';

type AdminPageProps = { title: string; lead?: string | undefined; actions?: ReactNode; above?: ReactNode; children: ReactNode };

/** The frame of an administrator's page: heading, what one can do here, content. */
export function AdminPage({ title, lead, actions, above, children }: AdminPageProps) {
  useTitle(title);
  return (
    <div className={classes.page}>
      {above}
      <header className={classes.head}>
        <div className={classes.words}>
          <h1 className={classes.title}>{title}</h1>
          {lead === undefined ? null : <p className={classes.lead}>{lead}</p>}
        </div>
        {actions === undefined ? null : <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
