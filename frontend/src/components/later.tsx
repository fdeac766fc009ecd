import { useDeferredValue, type ReactNode } from 'react';

/** Draws its content after everything around it, and piece by piece: on a slow processor the page answers meanwhile. */
export function Later({ children, instead = null }: { children: ReactNode; instead?: ReactNode }) {
  return useDeferredValue(true, false) ? children : instead;
}
