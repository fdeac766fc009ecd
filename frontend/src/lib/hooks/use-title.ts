// The title of the browser's tab.
import { useEffect } from 'react';
import { t } from '@/lib/i18n/messages';

/** Set the tab's title while the page is open. Afterwards it is the product's name: a device's name must not stand above the login page. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? t.product : `${title} · ${t.product}`;
    return () => {
      document.title = t.product;
    };
  }, [title]);
}
