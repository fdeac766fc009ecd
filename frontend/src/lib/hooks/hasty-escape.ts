import { useEffect } from 'react';

/**
 * Closes a menu whose button still has the focus. An open menu listens to Escape itself, but gets the focus
 * a moment after it opened; a key pressed in between would be lost and the menu stay open.
 */
export function useHastyEscape(): void {
  useEffect(() => {
    const onKey = ({ key, target }: KeyboardEvent) => {
      if (key !== 'Escape' || !(target instanceof Element)) return;
      target.closest<HTMLElement>('button[aria-haspopup][aria-expanded="true"]')?.click();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
