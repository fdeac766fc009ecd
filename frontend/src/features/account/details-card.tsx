import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { FormError } from '@/components/admin/form-error';
import { LeaveQuestion } from '@/components/admin/leave-question';
import { Card } from '@/components/card';
import { accountMessages } from '@/lib/i18n/account';
import { changeOwnAccount } from '@/lib/session/own-account';
import type { User } from '@/lib/transport/api-types';
import { fieldErrors, otherErrors } from '@/lib/transport/field-errors';
import classes from './profile-page.module.css';

const words = accountMessages.details;
const labels = accountMessages.fields;
const FIELDS = ['first_name', 'last_name', 'email', 'phone'] as const;
type Details = Pick<User, (typeof FIELDS)[number]>;

function detailsOf(user: User): Details {
  return { first_name: user.first_name, last_name: user.last_name, email: user.email, phone: user.phone };
}

/** Names, email and phone. */
export function DetailsCard({ user, onDone }: { user: User; onDone: (message: string) => void }) {
  const [values, setValues] = useState(detailsOf(user));
  const save = useMutation({
    mutationFn: changeOwnAccount,
    onSuccess: (changed) => {
      setValues(detailsOf(changed));
      onDone(words.saved);
    },
  });
  const changed = FIELDS.some((field) => values[field] !== user[field]);
  const rejected = fieldErrors(save.error);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(values);
  };
  const field = (name: keyof Details) => ({
    name,
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((former) => ({ ...former, [name]: value }));
    },
    error: rejected[name] ?? null,
  });

  return (
    <Card title={words.title} testId="own-details">
      <form className={classes.form} onSubmit={submit} noValidate>
        <dl className={classes.fixed}>
          <dt>{labels.username}</dt>
          <dd>{user.username}</dd>
        </dl>
        <TextInput {...field('first_name')} label={labels.firstName} autoComplete="given-name" maxLength={150} />
        <TextInput {...field('last_name')} label={labels.lastName} autoComplete="family-name" maxLength={150} />
        <TextInput {...field('email')} type="email" label={labels.email} autoComplete="email" maxLength={254} />
        <TextInput {...field('phone')} type="tel" label={labels.phone} description={words.phoneHint} autoComplete="tel" maxLength={32} />
        <FormError error={save.error} others={otherErrors(save.error, FIELDS)} quiet={Object.keys(rejected).length > 0} />
        <div className={classes.buttons}>
          <Button type="submit" loading={save.isPending} disabled={!changed} data-testid="save-details">
            {words.save}
          </Button>
          <span role="status" className={classes.unsaved}>
            {changed ? words.unsaved : ''}
          </span>
        </div>
      </form>
      <LeaveQuestion unsaved={changed} />
    </Card>
  );
}
