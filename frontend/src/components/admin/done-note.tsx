import { useEffect } from 'react';
import { CheckIcon } from '@/components/icons';
import classes from './done-note.module.css';

const SHOWN_FOR_MS = 6_000;

/** Says that it was done, and goes by itself. */
export function DoneNote({ text, onGone }: { text: string; onGone: () => void }) {
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(onGone, SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [text, onGone]);
  return (
    <div role="status" className={classes.place}>
      {text === '' ? null : (
        <p className={classes.note} data-testid="done">
          <CheckIcon size={18} />
          {text}
        </p>
      )}
    </div>
  );
}
