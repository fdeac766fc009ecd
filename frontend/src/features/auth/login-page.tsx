import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { WarningIcon } from '@/components/icons';
import { PasswordInput } from '@/components/password-input';
import { Wordmark } from '@/components/wordmark';
import { t } from '@/lib/i18n/messages';
import { session } from '@/lib/session/session';
import { useSession } from '@/lib/session/use-session';
import { useTitle } from '@/lib/hooks/use-title';
import { loginProblem, type LoginProblem } from './login-problem';
import { LookChoices } from './look-choices';
import { RegisterLink } from './register-link';
import classes from './login-page.module.css';

export function LoginPage() {
  useTitle(t.login.title);
  const state = useSession();
  const [problem, setProblem] = useState<LoginProblem | null>(null);
  const [missing, setMissing] = useState({ username: false, password: false });
  const [sending, setSending] = useState(false);

  const usernameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // On a phone the keyboard would cover half the page before the user touches a field.
    if (matchMedia('(pointer: fine)').matches) usernameField.current?.focus();
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const username = String(form.get('username') ?? '').trim();
    const password = String(form.get('password') ?? '');
    if (username === '') usernameField.current?.focus();
    else if (password === '') passwordField.current?.focus();
    setMissing({ username: username === '', password: password === '' });
    setProblem(null);
    if (username === '' || password === '') return;
    setSending(true);
    try {
      await session.login(username, password);
    } catch (error) {
      setProblem(loginProblem(error));
      passwordField.current?.select();
    } finally {
      setSending(false);
    }
  };

  const ended = state.status === 'anonymous' && state.ended && problem === null;

  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <Wordmark />
        <div>
          <h1 className={classes.title}>{t.login.title}</h1>
          <p className={classes.lead}>{t.login.lead}</p>
        </div>
        {ended ? <p className={classes.note} role="status">{t.login.ended}</p> : null}
        <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
          <TextInput
            ref={usernameField}
            name="username"
            label={t.login.username}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            size="md"
            classNames={{ wrapper: classes.field ?? '' }}
            error={missing.username ? t.login.missingUsername : null}
            data-testid="login-username"
          />
          <PasswordInput
            ref={passwordField}
            name="password"
            label={t.login.password}
            autoComplete="current-password"
            size="md"
            classNames={{ wrapper: classes.field ?? '' }}
            error={missing.password ? t.login.missingPassword : null}
            data-testid="login-password"
          />
          {problem === null ? null : (
            <div className={classes.problem} role="alert" data-testid="login-error">
              <WarningIcon size={18} />
              <div>
                <p>{problem.title}</p>
                {problem.hint === null ? null : <p className={classes.hint}>{problem.hint}</p>}
              </div>
            </div>
          )}
          <Button type="submit" size="md" loading={sending} data-testid="login-submit">
            {problem?.retry ? t.tryAgain : t.login.submit}
          </Button>
        </form>
        <p className={classes.hint}>{t.login.forgotten}</p>
        <RegisterLink />
      </div>
      <LookChoices />
    </main>
  );
}
