import { AdminPage } from '@/components/admin/admin-page';
import { useToast } from '@/components/admin/use-toast';
import { accountMessages } from '@/lib/i18n/account';
import { useSession } from '@/lib/session/use-session';
import { DetailsCard } from './details-card';
import { LookCard } from './look-card';
import { PasswordCard } from './password-card';
import classes from './profile-page.module.css';
import { SessionsCard } from './sessions-card';

/** The user's own account. */
export function ProfilePage() {
  const state = useSession();
  const { toast, notify } = useToast();
  if (state.status !== 'authenticated') return null;
  return (
    <AdminPage title={accountMessages.page.title} lead={accountMessages.page.lead}>
      <div className={classes.columns}>
        <DetailsCard user={state.user} onDone={notify} />
        <div className={classes.column}>
          <LookCard />
          <PasswordCard username={state.user.username} onDone={notify} />
        </div>
      </div>
      <SessionsCard onDone={notify} />
      {toast}
    </AdminPage>
  );
}
