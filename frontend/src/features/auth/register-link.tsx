import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'react-router';
import { t } from '@/lib/i18n/messages';
import classes from './login-page.module.css';
import { registrationQuery } from './registration';

/** The way to a new account, where visitors may make one. Until that is known, or without an answer, there is no link. */
export function RegisterLink() {
  const { search } = useLocation();
  const { data } = useQuery(registrationQuery());
  if (!data?.open) return null;
  return (
    <p>
      <Link to={`/register${search}`} className={classes.link} data-testid="register">
        {t.login.register}
      </Link>
    </p>
  );
}
