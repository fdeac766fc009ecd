import { NavLink } from 'react-router';
import { navWords } from '@/lib/admin-messages/nav';
import classes from './admin-nav.module.css';
import { paths } from './paths';

const LINKS = [
  { to: paths.energy, label: navWords.energy },
  { to: paths.devices, label: navWords.devices },
  { to: paths.users, label: navWords.users },
  { to: paths.ingestion, label: navWords.ingestion },
  { to: paths.security, label: navWords.security },
];

/** Where administrators go; clients have one page and need no way to it. */
export function AdminNav() {
  return (
    <nav className={classes.nav} aria-label={navWords.label}>
      {LINKS.map(({ to, label }) => (
        <NavLink key={to} to={to} className={classes.link ?? ''}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
