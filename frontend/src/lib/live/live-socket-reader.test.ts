import { afterEach, expect, it, vi } from 'vitest';
import { Line } from '@/testing/sockets';
import { FrameReader } from './frames';
import { LiveSocket, type LiveStatus } from './live-socket';

const ignore = () => undefined;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('a connection is not opened before its frames can be read, and tried again when their reader could not be loaded', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Line);
  Line.all = [];
  const statuses: LiveStatus[] = [];
  let loads = 0;
  const socket = new LiveSocket({
    url: () => 'ws://here/ws/monitoring/',
    token: async () => 'token',
    renewToken: async () => undefined,
    reader: async () => {
      loads += 1;
      if (loads === 1) throw new TypeError('Failed to fetch dynamically imported module');
      return new FrameReader();
    },
    onStatus: (status) => statuses.push(status),
    onUpdate: ignore,
    onPeriod: ignore,
    onAlert: ignore,
    onSubscribed: ignore,
    onAccessLost: ignore,
    random: () => 1,
  });

  socket.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(Line.all).toHaveLength(0);

  await vi.advanceTimersByTimeAsync(10_000);
  expect(Line.all).toHaveLength(1);
  Line.all[0]?.accept();
  Line.all[0]?.say({ type: 'authenticated', expires_at: new Date(Date.now() + 600_000).toISOString() });
  Line.all[0]?.say({ type: 'subscribed', device_ids: [] });
  expect(statuses.at(-1)).toBe('live');
  socket.stop();
});
