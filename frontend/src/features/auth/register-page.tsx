import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Link, useLocation } from 'react-router';
import { FormError } from '@/components/admin/form-error';
import { LoadError } from '@/components/load-error';
import { PasswordInput } from '@/components/password-input';
import { Wordmark } from '@/components/wordmark';
import type { RegistrationRequest } from '@/lib/api/auth';
import { useTitle } from '@/lib/hooks/use-title';
import { accountMessages } from '@/lib/i18n/account';
import { session } from '@/lib/session/session';
import { fieldErrors, otherErrors } from '@/lib/transport/field-errors';
import { LookChoices } from './look-choices';
import classes from './login-page.module.css';
import { register, registrationQuery } from './registration';

const words = accountMessages.register;
const fields = accountMessages.fields;
const FIELDS = ['username', 'password', 'first_name', 'last_name', 'email'] as const;

/** A visitor makes an account, and is logged in with it. */
export function RegisterPage() {
  useTitle(words.title);
  const { search } = useLocation();
  const state = useQuery(registrationQuery());
  const closed = state.data?.open === false;
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <Wordmark />
        {state.error === null ? (
          <div>
            <h1 className={classes.title}>{closed ? words.closedTitle : words.title}</h1>
            <p className={classes.lead}>{closed ? words.closedText : words.lead}</p>
          </div>
        ) : (
          <LoadError error={state.error} onRetry={() => void state.refetch()} retrying={state.isFetching} />
        )}
        {state.data?.open ? <RegisterForm /> : null}
        <p>
          {closed ? null : `${words.haveOne} `}
          <Link to={`/login${search}`} className={classes.link}>
            {words.logIn}
          </Link>
        </p>
      </div>
      <LookChoices />
    </main>
  );
}

function RegisterForm() {
  const usernameField = useRef<HTMLInputElement>(null);
  const [missing, setMissing] = useState<string[]>([]);
  const [created, setCreated] = useState(false);
  const create = useMutation({
    mutationFn: async (values: RegistrationRequest) => {
      await register(values);
      setCreated(true);
      // The page of the new user takes the place of this one.
      await session.login(values.username, values.password);
    },
  });
  useEffect(() => {
    // On a phone the keyboard would cover half the page before the user touches a field.
    if (matchMedia('(pointer: fine)').matches) usernameField.current?.focus();
  }, []);
  if (created && create.isError) {
    return (
      <p className={classes.note} role="status">
        {words.created}
      </p>
    );
  }

  const rejected = fieldErrors(create.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = (name: string) => String(form.get(name) ?? '');
    const values = {
      username: typed('username').trim(),
      password: typed('password'),
      first_name: typed('first_name').trim(),
      last_name: typed('last_name').trim(),
      email: typed('email').trim(),
    };
    const empty = (['username', 'password'] as const).filter((name) => values[name] === '');
    setMissing(empty);
    if (empty.length === 0) create.mutate(values);
  };
  const errorOf = (name: string) => (missing.includes(name) ? fields.required : (rejected[name] ?? null));
  const optional = { placeholder: words.optional, size: 'md', classNames: { wrapper: classes.field ?? '' } } as const;

  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <TextInput
        ref={usernameField}
        name="username"
        label={fields.username}
        description={words.usernameHint}
        error={errorOf('username')}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={150}
        size="md"
        classNames={{ wrapper: classes.field ?? '' }}
      />
      <PasswordInput
        name="password"
        label={fields.password}
        description={accountMessages.passwordRules}
        error={errorOf('password')}
        autoComplete="new-password"
        size="md"
        classNames={{ wrapper: classes.field ?? '' }}
      />
      <TextInput {...optional} name="first_name" label={fields.firstName} error={errorOf('first_name')} autoComplete="given-name" maxLength={150} />
      <TextInput {...optional} name="last_name" label={fields.lastName} error={errorOf('last_name')} autoComplete="family-name" maxLength={150} />
      <TextInput {...optional} name="email" type="email" label={fields.email} error={errorOf('email')} autoComplete="email" maxLength={254} />
      <FormError error={create.error} others={otherErrors(create.error, FIELDS)} quiet={Object.keys(rejected).length > 0} />
      <Button type="submit" size="md" loading={create.isPending} data-testid="register-submit">
        {words.submit}
      </Button>
    </form>
  );
}
