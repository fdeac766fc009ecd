import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Card } from '@/components/card';
import { PasswordInput } from '@/components/password-input';
import { accountMessages } from '@/lib/i18n/account';
import { fieldErrors, otherErrors } from '@/lib/transport/field-errors';
import { changePassword, SESSIONS } from './queries';
import classes from './profile-page.module.css';

const words = accountMessages.password;
const labels = accountMessages.fields;
const FIELDS = ['current_password', 'new_password'] as const;

/** The change of the user's own password. */
export function PasswordCard({ username, onDone }: { username: string; onDone: (message: string) => void }) {
  const queryClient = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [missing, setMissing] = useState<string[]>([]);
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: async () => {
      form.current?.reset();
      onDone(words.changed);
      await queryClient.invalidateQueries({ queryKey: SESSIONS });
    },
  });
  const rejected = fieldErrors(change.error);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const [current, wanted] = FIELDS.map((name) => String(typed.get(name) ?? '')) as [string, string];
    const empty = FIELDS.filter((name) => (typed.get(name) ?? '') === '');
    setMissing(empty);
    if (empty.length === 0) change.mutate({ current_password: current, new_password: wanted });
  };
  const field = (name: (typeof FIELDS)[number]) => ({
    name,
    error: missing.includes(name) ? labels.required : (rejected[name] ?? null),
  });

  return (
    <Card title={words.title} testId="own-password">
      <form className={classes.form} onSubmit={submit} ref={form} noValidate>
        <p className={classes.lead}>{words.lead}</p>
        {/* Password managers keep the new password under this name. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <PasswordInput {...field('current_password')} label={labels.currentPassword} autoComplete="current-password" />
        <PasswordInput
          {...field('new_password')}
          label={labels.newPassword}
          description={accountMessages.passwordRules}
          autoComplete="new-password"
        />
        <FormError error={change.error} others={otherErrors(change.error, FIELDS)} quiet={Object.keys(rejected).length > 0} />
        <div className={classes.buttons}>
          <Button type="submit" loading={change.isPending} data-testid="change-password">
            {words.submit}
          </Button>
        </div>
      </form>
    </Card>
  );
}
