import { NavLink } from 'react-router';
import { navWords } from '@/lib/i18n/admin/nav';
import { mayManage } from '@/lib/session/permissions';
import type { User } from '@/lib/transport/api-types';
import classes from './page-nav.module.css';
import { paths } from './paths';

/** `rest`: further words, for which a phone has no room. */
type Page = { to: string; label: string; rest?: string };

const FOR_EVERYBODY: Page[] = [{ to: paths.energy, label: navWords.energy }];
const FOR_ADMINS: Page[] = [
  ...FOR_EVERYBODY,
  { to: paths.devices, label: navWords.devices },
  { to: paths.users, label: navWords.users },
  { to: paths.ingestion, ...navWords.ingestion },
  { to: paths.security, label: navWords.security },
];

/** The pages that the user may open. */
export function PageNav({ user }: { user: User }) {
  return (
    <nav className={classes.nav} data-crowded={mayManage(user)} aria-label={navWords.label}>
      {(mayManage(user) ? FOR_ADMINS : FOR_EVERYBODY).map(({ to, label, rest }) => (
        <NavLink key={to} to={to} className={classes.link ?? ''}>
          {label}
          {rest === undefined ? null : <span className={classes.rest}> {rest}</span>}
        </NavLink>
      ))}
    </nav>
  );
}
