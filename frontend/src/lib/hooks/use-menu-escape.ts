import { useEffect } from 'react';

/**
 * Close an open menu by Escape while its button still has the focus. The menu itself listens to Escape, but gets the
 * focus a moment after it opens: without this, an Escape in between would leave it open.
 */
export function useMenuEscape(): void {
  useEffect(() => {
    const onKey = ({ key, target }: KeyboardEvent) => {
      if (key !== 'Escape' || !(target instanceof Element)) return;
      target.closest<HTMLElement>('button[aria-haspopup][aria-expanded="true"]')?.click();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
