import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { CheckIcon } from '@/components/icons';
import classes from './toast.module.css';

const SHOWN_FOR_MS = 6_000;

type Toast = {
  /** Place it anywhere in the page: it stands over the lower corner. */
  toast: ReactNode;
  /** Show a message for six seconds; it takes the place of the one before. */
  notify: (message: string) => void;
};

/** A message that something is done. */
export function useToast(): Toast {
  const [message, setMessage] = useState('');
  const close = useCallback(() => setMessage(''), []);
  return { toast: useMemo(() => <Message message={message} onGone={close} />, [message, close]), notify: setMessage };
}

function Message({ message, onGone }: { message: string; onGone: () => void }) {
  useEffect(() => {
    if (message === '') return undefined;
    const timer = setTimeout(onGone, SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [message, onGone]);
  return (
    <div role="status" className={classes.place}>
      {message === '' ? null : (
        <p className={classes.note} data-testid="done">
          <CheckIcon size={18} />
          {message}
        </p>
      )}
    </div>
  );
}
