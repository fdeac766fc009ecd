// Alerts that arrive on the live connection, for whoever shows them.
import type { AlertFrame } from './api-types';

type Listener = (alert: AlertFrame) => void;
const listeners = new Set<Listener>();

export function announceAlert(alert: AlertFrame): void {
  for (const listener of listeners) listener(alert);
}

export function onAlertNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
