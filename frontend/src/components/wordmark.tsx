import { t } from '@/lib/i18n/messages';
import classes from './wordmark.module.css';

/** The product's sign and name. `short`: on a phone the name may be left out, for links need the room. */
export function Wordmark({ short = false }: { short?: boolean }) {
  return (
    <span className={classes.mark} data-short={short || undefined}>
      <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="9" fill="var(--mantine-color-brand-7)" />
        <path d="M17.8 5 8.5 18h6.2L13.4 27l9.8-13.4h-6.4z" fill="#fff" />
      </svg>
      <span className={classes.word}>{t.product}</span>
    </span>
  );
}
