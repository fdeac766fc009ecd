import { Loader } from '@mantine/core';
import { t } from '@/lib/i18n/messages';
import classes from './splash.module.css';
import { Wordmark } from './wordmark';

export function Splash() {
  return (
    <main className={classes.splash} aria-busy>
      <Wordmark />
      <Loader size="sm" type="dots" aria-label={t.loading} />
    </main>
  );
}
