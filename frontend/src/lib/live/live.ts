// The live connection of the tab and its listeners: pages for hours, the bell for alerts.
import { useSyncExternalStore } from 'react';
import { LiveSocket, type LiveSocketOptions, type LiveStatus } from './live-socket';
import { session } from '@/lib/session/session';

export type LiveListener = Partial<Pick<LiveSocketOptions, 'onUpdate' | 'onPeriod' | 'onAlert' | 'onSubscribed' | 'onAccessLost'>>;

const url = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/monitoring/`;

class Live {
  private readonly listeners = new Set<LiveListener>();
  private readonly watchers = new Set<() => void>();
  private status: LiveStatus = 'off';
  private readonly socket = new LiveSocket({
    url,
    token: () => session.accessToken(),
    renewToken: () => session.refresh(),
    // Loaded after the page, which needs it later.
    reader: async () => new (await import('./frames')).FrameReader(),
    onStatus: (status) => {
      this.status = status;
      for (const watcher of this.watchers) watcher();
    },
    onUpdate: (update) => this.each((listener) => listener.onUpdate?.(update)),
    onPeriod: (period) => this.each((listener) => listener.onPeriod?.(period)),
    onAlert: (alert) => this.each((listener) => listener.onAlert?.(alert)),
    onSubscribed: (deviceIds) => this.each((listener) => listener.onSubscribed?.(deviceIds)),
    onAccessLost: () => this.each((listener) => listener.onAccessLost?.()),
  });

  start = () => this.socket.start();
  stop = () => this.socket.stop();
  /** Replaces the devices whose hours are pushed; alerts come for all of the user's devices. */
  subscribe = (deviceIds: string[]) => this.socket.subscribe(deviceIds);

  listen = (listener: LiveListener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  getStatus = (): LiveStatus => this.status;

  private each(tell: (listener: LiveListener) => void): void {
    for (const listener of this.listeners) tell(listener);
  }
}

export const live = new Live();

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(live.watch, live.getStatus);
}
