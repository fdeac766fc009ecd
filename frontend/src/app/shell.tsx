import { lazy, memo, Suspense, useEffect, useState } from 'react';
import { Link, Outlet } from 'react-router';
import { Wordmark } from '@/components/wordmark';
import { AlertBell } from '@/features/alerts/alert-bell';
import type { User } from '@/lib/transport/api-types';
import { mayManage } from '@/lib/session/permissions';
import { useShortcuts } from '@/lib/hooks/shortcuts';
import { useMenuEscape } from '@/lib/hooks/use-menu-escape';
import { live } from '@/lib/live/live';
import { t } from '@/lib/i18n/messages';
import { PageNav } from './page-nav';
import { paths } from './paths';
import classes from './shell.module.css';
import { useAccountChoices } from './use-account-choices';
import { UserMenu } from './user-menu';

const ShortcutsDialog = lazy(async () => ({ default: (await import('./shortcuts-dialog')).ShortcutsDialog }));

/** The frame of every page. It is not drawn again when the address changes, only the page in it. */
export const Shell = memo(function Shell({ user }: { user: User }) {
  useMenuEscape();
  useAccountChoices(user);
  const [listed, setListed] = useState(false);
  useShortcuts({ '?': () => setListed(true) });
  useEffect(() => {
    live.start();
    return live.stop;
  }, []);
  return (
    <>
      <a className={classes.skip} href="#content">
        {t.skipToContent}
      </a>
      <header className={classes.header}>
        <div className={classes.inner} data-admin={mayManage(user) || undefined}>
          {/* For the mouse alone: the first link of the navigation leads to the same page. */}
          <Link to={paths.energy} className={classes.home} tabIndex={-1} aria-hidden>
            <Wordmark short={!mayManage(user)} />
          </Link>
          <PageNav user={user} />
          <AlertBell />
          <UserMenu user={user} onShortcuts={() => setListed(true)} />
        </div>
      </header>
      <main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      {listed ? (
        <Suspense fallback={null}>
          <ShortcutsDialog onClose={() => setListed(false)} />
        </Suspense>
      ) : null}
    </>
  );
});
