import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ActionProblem } from '@/components/admin/action-problem';
import { Dialog } from '@/components/admin/dialog';
import { ta } from '@/lib/i18n/admin';
import type { Account } from '@/lib/transport/admin-types';
import { explainUserError } from './explain';
import { changeUser, deleteUser } from './queries';

export type UserAction = 'disable' | 'enable' | 'delete';

const WORDS = {
  disable: { title: ta.users.disableTitle, text: ta.users.disableText, submit: ta.users.disable },
  enable: { title: ta.users.enableTitle, text: ta.users.enableText, submit: ta.users.enable },
  delete: { title: ta.users.deleteTitle, text: ta.users.deleteText, submit: ta.delete },
};

type UserQuestionProps = { user: Account; action: UserAction; onClose: () => void; onDone: (said: string) => void };

/** Asks before an account is disabled, enabled or deleted. */
export function UserQuestion({ user, action, onClose, onDone }: UserQuestionProps) {
  const queryClient = useQueryClient();
  const act = useMutation<unknown>({
    mutationFn: () =>
      action === 'delete' ? deleteUser(user.id) : changeUser(user.id, { is_active: action === 'enable' }),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      onDone(ta.saved);
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
      problem={<ActionProblem error={act.error} explain={explainUserError} />}
    >
      <p>{words.text}</p>
    </Dialog>
  );
}
