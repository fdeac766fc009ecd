import { PasswordInput as MantinePasswordInput, type PasswordInputProps } from '@mantine/core';
import { useState } from 'react';
import { t } from '@/lib/i18n/messages';

/** A field for a password, with a button that shows it, and hides it again. */
export function PasswordInput(props: PasswordInputProps) {
  const [shownByButton, setShownByButton] = useState(false);
  const visible = props.visible ?? shownByButton;
  return (
    <MantinePasswordInput
      maxLength={128}
      // The library sets it on the frame around the field, where no screen reader looks.
      aria-invalid={Boolean(props.error) || undefined}
      {...props}
      visible={visible}
      onVisibilityChange={props.onVisibilityChange ?? setShownByButton}
      visibilityToggleButtonProps={{ 'aria-label': visible ? t.login.hidePassword : t.login.showPassword, tabIndex: 0 }}
    />
  );
}
