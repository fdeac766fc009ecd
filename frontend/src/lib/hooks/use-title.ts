// What the browser's tab is called.
import { useEffect } from 'react';
import { t } from '@/lib/i18n/messages';

/** A page that goes takes its title along: a meter's name says too much above the login page. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? t.product : `${title} · ${t.product}`;
    return () => {
      document.title = t.product;
    };
  }, [title]);
}
