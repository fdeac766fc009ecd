import { Button, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { FormEvent, ReactNode } from 'react';
import { adminMessages } from '@/lib/i18n/admin';
import classes from './dialog.module.css';

type DialogProps = {
  title: string;
  onClose: () => void;
  onSubmit: (form: FormData) => void;
  submit: string;
  danger?: boolean;
  busy: boolean;
  problem?: ReactNode;
  wide?: boolean;
  children: ReactNode;
};

/** A form or a confirmation, over the page. */
export function Dialog({ title, onClose, onSubmit, submit, danger, busy, problem, wide = false, children }: DialogProps) {
  const phone = useMediaQuery('(max-width: 44.99em)') ?? false;
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={wide ? 720 : 480}
      fullScreen={phone && wide}
      centered={!wide}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': adminMessages.close }}
      classNames={{ title: classes.title ?? '', content: classes.content ?? '', header: classes.header ?? '' }}
    >
      <form className={classes.form} onSubmit={send} noValidate>
        {children}
        {problem}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {adminMessages.cancel}
          </Button>
          <Button type="submit" loading={busy} {...(danger ? { color: 'red.8' } : {})} data-testid="dialog-submit">
            {submit}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

export function FieldGrid({ children }: { children: ReactNode }) {
  return <div className={classes.grid}>{children}</div>;
}
