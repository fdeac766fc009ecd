import { Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog, FieldGrid } from '@/components/admin/dialog';
import { adminMessages } from '@/lib/i18n/admin';
import type { Account } from '@/lib/transport/admin-types';
import { fieldErrors, otherErrors } from '@/lib/transport/field-errors';
import { explainUserError } from './explain';
import { PasswordField } from './password-field';
import { changeUser, createUser, type AccountChange } from './queries';

const FIELDS = ['username', 'password', 'email', 'first_name', 'last_name', 'phone', 'role'] as const;

type UserFormProps = { user: Account | null; onClose: () => void; onDone: (message: string) => void };

/** The form of a new account, or of `user`. */
export function UserForm({ user, onClose, onDone }: UserFormProps) {
  const queryClient = useQueryClient();
  const [missing, setMissing] = useState<string[]>([]);
  const save = useMutation({
    mutationFn: (values: AccountChange) => (user === null ? createUser(values) : changeUser(user.id, values)),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      onDone(adminMessages.saved);
    },
  });
  const rejected = fieldErrors(save.error);
  const others = otherErrors(save.error, FIELDS);

  const submit = (form: FormData) => {
    const values: Record<string, string> = {};
    for (const field of FIELDS) {
      const typed = String(form.get(field) ?? '');
      values[field] = field === 'password' ? typed : typed.trim();
    }
    const needed = user === null ? ['username', 'password'] : ['username'];
    const empty = needed.filter((field) => values[field] === '');
    setMissing(empty);
    if (empty.length > 0) return;
    if (values.password === '') delete values.password;
    save.mutate(values as AccountChange);
  };
  const errorOf = (field: string) => (missing.includes(field) ? adminMessages.required : (rejected[field] ?? null));

  return (
    <Dialog
      title={user === null ? adminMessages.users.createTitle : adminMessages.users.editTitle(user.username)}
      onClose={onClose}
      onSubmit={submit}
      submit={user === null ? adminMessages.users.create : adminMessages.save}
      busy={save.isPending}
      problem={
        <FormError
          error={save.error}
          explain={explainUserError}
          others={others}
          quiet={Object.keys(rejected).length > 0}
        />
      }
    >
      <FieldGrid>
        <TextInput
          name="username"
          label={adminMessages.users.username}
          defaultValue={user?.username}
          error={errorOf('username')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          data-autofocus
        />
        <Select
          name="role"
          label={adminMessages.users.role}
          data={[
            { value: 'client', label: adminMessages.users.roles.client },
            { value: 'admin', label: adminMessages.users.roles.admin },
          ]}
          defaultValue={user?.role ?? 'client'}
          allowDeselect={false}
          error={errorOf('role')}
        />
        <div data-wide>
          <PasswordField isNew={user === null} error={errorOf('password')} />
        </div>
        <TextInput name="first_name" label={adminMessages.users.firstName} defaultValue={user?.first_name} error={errorOf('first_name')} autoComplete="off" />
        <TextInput name="last_name" label={adminMessages.users.lastName} defaultValue={user?.last_name} error={errorOf('last_name')} autoComplete="off" />
        <TextInput name="email" type="email" label={adminMessages.users.email} defaultValue={user?.email} error={errorOf('email')} autoComplete="off" />
        <TextInput name="phone" type="tel" label={adminMessages.users.phone} defaultValue={user?.phone} error={errorOf('phone')} autoComplete="off" />
      </FieldGrid>
    </Dialog>
  );
}
