import { NavLink } from 'react-router';
import { navWords } from '@/lib/i18n/admin/nav';
import { mayManage } from '@/lib/session/permissions';
import type { User } from '@/lib/transport/api-types';
import classes from './page-nav.module.css';
import { paths } from './paths';

const FOR_EVERYBODY = [{ to: paths.energy, label: navWords.energy }];
const FOR_ADMINS = [
  ...FOR_EVERYBODY,
  { to: paths.devices, label: navWords.devices },
  { to: paths.users, label: navWords.users },
  { to: paths.ingestion, label: navWords.ingestion },
  { to: paths.security, label: navWords.security },
];

/** The pages that the user may open. */
export function PageNav({ user }: { user: User }) {
  return (
    <nav className={classes.nav} data-crowded={mayManage(user)} aria-label={navWords.label}>
      {(mayManage(user) ? FOR_ADMINS : FOR_EVERYBODY).map(({ to, label }) => (
        <NavLink key={to} to={to} className={classes.link ?? ''}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
