import { Button } from '@mantine/core';
import { useState } from 'react';
import { PasswordInput } from '@/components/password-input';
import { copied } from '@/lib/browser/clipboard';
import { adminMessages } from '@/lib/i18n/admin';
import { newPassword } from './new-password';
import classes from './password-field.module.css';

const words = adminMessages.users;

/** The password of a new user, or a new one: typed, or drawn and shown so that it can be handed over. */
export function PasswordField({ isNew, error }: { isNew: boolean; error: string | null }) {
  const [value, setValue] = useState('');
  const [drawn, setDrawn] = useState('');
  const [visible, setVisible] = useState(false);
  const [isCopied, setIsCopied] = useState(false);
  const draw = () => {
    const password = newPassword();
    setValue(password);
    setDrawn(password);
    setVisible(true);
    setIsCopied(false);
  };
  const isDrawn = value !== '' && value === drawn;
  return (
    <div className={classes.field}>
      <PasswordInput
        name="password"
        label={isNew ? words.password : words.newPassword}
        description={isNew ? undefined : words.newPasswordHint}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        visible={visible}
        onVisibilityChange={setVisible}
        error={error}
        autoComplete="new-password"
        required={isNew}
      />
      <div className={classes.buttons}>
        <Button variant="default" size="xs" onClick={draw} data-testid="draw-password">
          {words.drawPassword}
        </Button>
        {isDrawn ? (
          <Button variant="default" size="xs" onClick={() => void copied(value).then(setIsCopied)} data-testid="copy-password">
            {isCopied ? words.passwordCopied : words.copyPassword}
          </Button>
        ) : null}
      </div>
      <p role="status" className={classes.hint}>
        {isDrawn ? words.drawnPasswordHint : ''}
      </p>
    </div>
  );
}
