// Single-key shortcuts, which every user can switch off (WCAG 2.1.4): speech input and unsteady hands press keys by
// accident.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { readPreference, writePreference } from '@/lib/browser/preferences';

const NAME = 'shortcuts';
const listeners = new Set<() => void>();

const enabled = () => readPreference(NAME) !== 'off';

export function setShortcuts(on: boolean): void {
  writePreference(NAME, on ? 'on' : 'off');
  for (const listener of listeners) listener();
}

export function useShortcutsEnabled(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, enabled);
}

/** Return whether the key is for the focused element: a field, an open menu or a chart. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target instanceof Element ? event.target : null;
  const writes = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable], [role="menu"], [role="dialog"], [role="listbox"]';
  // Charts and tabs use the arrows only.
  const moves = event.key.startsWith('Arrow') ? ', [role="slider"], [role="radiogroup"]' : '';
  return target?.closest(writes + moves) != null;
}

export function useShortcuts(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = latest.current[event.key];
      if (action === undefined || !enabled() || isTaken(event)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
