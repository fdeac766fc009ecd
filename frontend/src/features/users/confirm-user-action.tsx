import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FormError } from '@/components/admin/form-error';
import { Dialog } from '@/components/admin/dialog';
import { adminMessages } from '@/lib/i18n/admin';
import type { Account } from '@/lib/transport/admin-types';
import { explainUserError } from './explain';
import { changeUser, deleteUser } from './queries';

export type UserAction = 'disable' | 'enable' | 'delete';

const WORDS = {
  disable: { title: adminMessages.users.disableTitle, text: adminMessages.users.disableText, submit: adminMessages.users.disable },
  enable: { title: adminMessages.users.enableTitle, text: adminMessages.users.enableText, submit: adminMessages.users.enable },
  delete: { title: adminMessages.users.deleteTitle, text: adminMessages.users.deleteText, submit: adminMessages.delete },
};

type ConfirmUserActionProps = { user: Account; action: UserAction; onClose: () => void; onDone: (message: string) => void };

/** A question before an account is disabled, enabled or deleted. */
export function ConfirmUserAction({ user, action, onClose, onDone }: ConfirmUserActionProps) {
  const queryClient = useQueryClient();
  const act = useMutation<unknown>({
    mutationFn: () =>
      action === 'delete' ? deleteUser(user.id) : changeUser(user.id, { is_active: action === 'enable' }),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      onDone(adminMessages.saved);
    },
  });
  const words = WORDS[action];
  return (
    <Dialog
      title={words.title(user.username)}
      onClose={onClose}
      onSubmit={() => act.mutate()}
      submit={words.submit}
      danger={action !== 'enable'}
      busy={act.isPending}
      problem={<FormError error={act.error} explain={explainUserError} />}
    >
      <p>{words.text}</p>
    </Dialog>
  );
}
