import { lazy, Suspense, useRef, useState } from 'react';
import { t } from '@/lib/i18n/messages';
import classes from './help-mark.module.css';
import { HelpIcon } from './icons';

const HelpNote = lazy(async () => ({ default: (await import('./help-note')).HelpNote }));

/** A mark beside a figure, which opens the entry of the help page about it. */
export function HelpMark({ entry, name }: { entry: string; name: string }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  };
  return (
    <span className={classes.mark}>
      <button
        ref={button}
        type="button"
        className={classes.button}
        aria-label={t.helpOn(name)}
        aria-expanded={open}
        onClick={() => setOpen(true)}
        data-testid={`help-${entry}`}
      >
        <HelpIcon size={15} />
      </button>
      {open ? (
        <Suspense fallback={null}>
          <HelpNote entry={entry} name={name} onClose={close} />
        </Suspense>
      ) : null}
    </span>
  );
}
