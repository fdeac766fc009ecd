import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Line } from '@/testing/sockets';
import { FrameReader } from './frames';
import { LiveSocket, type LiveStatus } from './live-socket';

const DEVICE_ID = '4c189959-e674-4eaa-8ebb-98fd953657c5';
const UPDATE = {
  type: 'hourly_updated',
  device_id: DEVICE_ID,
  start: '2026-11-22T10:00:00Z',
  total_consumption: 1.302,
  measurement_count: 5,
  covers_hours: 1,
  last_reading_at: '2026-11-22T10:40:00Z',
  last_reading_value: 0.26,
};
const ALERT = {
  type: 'alert',
  id: 7,
  device_id: DEVICE_ID,
  device_name: 'Flat 12',
  timezone: 'Europe/Bucharest',
  start: '2026-11-22T10:00:00Z',
  limit: 5.5,
  total_consumption: 5.75,
  withdrawn: false,
};

const inTenMinutes = () => new Date(Date.now() + 600_000).toISOString();
const sockets: LiveSocket[] = [];

function setUp() {
  const seen = {
    statuses: [] as LiveStatus[],
    subscribed: [] as string[][],
    updates: [] as unknown[],
    alerts: [] as unknown[],
    renewed: 0,
    accessLost: 0,
    token: 'token-1',
  };
  const socket = new LiveSocket({
    url: () => 'ws://here/ws/monitoring/',
    token: async () => seen.token,
    renewToken: async () => {
      seen.renewed += 1;
      seen.token = `token-${seen.renewed + 1}`;
    },
    reader: async () => new FrameReader(),
    onStatus: (status) => seen.statuses.push(status),
    onUpdate: (update) => seen.updates.push(update),
    onPeriod: (period) => seen.updates.push(period),
    onAlert: (alert) => seen.alerts.push(alert),
    onSubscribed: (ids) => seen.subscribed.push(ids),
    onAccessLost: () => void (seen.accessLost += 1),
    random: () => 1,
  });
  sockets.push(socket);
  socket.subscribe(['a']);
  socket.start();
  return { socket, seen };
}

async function goLive(): Promise<Line> {
  await vi.advanceTimersByTimeAsync(0);
  const line = newest();
  line.accept();
  line.say({ type: 'authenticated', expires_at: inTenMinutes() });
  line.say({ type: 'subscribed', device_ids: ['a'] });
  return line;
}

function newest(): Line {
  const line = Line.all.at(-1);
  if (line === undefined) throw new Error('no connection was opened');
  return line;
}

beforeEach(() => {
  vi.useFakeTimers();
  Line.all = [];
  vi.stubGlobal('WebSocket', Line);
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the live connection', () => {
  it('authenticates by its first message, with nothing in the address, then subscribes', async () => {
    const { seen } = setUp();

    const line = await goLive();

    expect(line.url).toBe('ws://here/ws/monitoring/');
    expect(line.sent).toEqual([
      { type: 'authenticate', token: 'token-1' },
      { type: 'subscribe', device_ids: ['a'], alerts: true },
    ]);
    expect(seen.statuses).toEqual(['connecting', 'live']);
    expect(seen.subscribed).toEqual([['a']]);
  });

  it('passes valid updates on and stays connected after an invalid one', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const { seen } = setUp();
    const line = await goLive();

    line.say({ ...UPDATE, start: undefined });
    line.dispatchEvent(new MessageEvent('message', { data: 'not json' }));
    line.say(UPDATE);

    expect(seen.updates).toEqual([UPDATE]);
    expect(Line.all).toHaveLength(1);
    log.mockRestore();
  });

  it('asks for alerts where no device is shown, and passes them on', async () => {
    const { socket, seen } = setUp();
    socket.subscribe([]);

    const line = await goLive();
    line.say(ALERT);

    expect(line.sent.at(-1)).toEqual({ type: 'subscribe', device_ids: [], alerts: true });
    expect(seen.alerts).toEqual([ALERT]);
    expect(seen.statuses.at(-1)).toBe('live');
  });

  it('reconnects after a cut, subscribes again and reports the new subscription', async () => {
    const { seen } = setUp();
    const line = await goLive();

    line.hangUp(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    const second = await goLive();

    expect(second).not.toBe(line);
    expect(second.sent.at(-1)).toEqual({ type: 'subscribe', device_ids: ['a'], alerts: true });
    expect(seen.subscribed).toHaveLength(2);
    expect(seen.statuses).toEqual(['connecting', 'live']);
  });

  it('sends a ping at once when the browser reports no network, and stays if it is answered', async () => {
    const { seen } = setUp();
    const line = await goLive();

    globalThis.dispatchEvent(new Event('offline'));
    expect(line.sent.at(-1)).toEqual({ type: 'ping' });
    line.say({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen.statuses).toEqual(['connecting', 'live']);

    globalThis.dispatchEvent(new Event('offline'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen.statuses).toEqual(['connecting', 'live', 'reconnecting']);
  });

  it('waits longer each time, at most 8 s, and reports it after a moment', async () => {
    const { seen } = setUp();
    (await goLive()).hangUp(1006);
    const waits: number[] = [];

    for (let i = 0; i < 7; i += 1) {
      const before = Date.now();
      const count = Line.all.length;
      while (Line.all.length === count) await vi.advanceTimersByTimeAsync(250);
      waits.push(Math.round((Date.now() - before) / 1000));
      newest().hangUp(1006);
    }

    expect(waits).toEqual([1, 2, 4, 8, 8, 8, 8]);
    expect(seen.statuses).toEqual(['connecting', 'live', 'reconnecting']);
  });

  it('keeps the connection past the token’s expiry by sending a fresh one', async () => {
    const { seen } = setUp();
    const line = await goLive();

    seen.token = 'fresh';
    for (let i = 0; i < 54; i += 1) {
      await vi.advanceTimersByTimeAsync(10_000);
      line.say({ type: 'pong' });
    }
    line.say({ type: 'authenticated', expires_at: inTenMinutes() });

    expect(line.sent).toContainEqual({ type: 'authenticate', token: 'fresh' });
    expect(line.sent.filter((message) => message.type === 'subscribe')).toHaveLength(1);
    expect(Line.all).toHaveLength(1);
  });

  it('renews a token that the server rejected before it connects again', async () => {
    const { seen } = setUp();
    const line = await goLive();

    line.hangUp(4401);
    const second = await goLive();

    expect(seen.renewed).toBe(1);
    expect(second.sent[0]).toEqual({ type: 'authenticate', token: 'token-2' });
  });

  it('waits before it connects again when a fresh token is rejected too', async () => {
    const { seen } = setUp();
    await vi.advanceTimersByTimeAsync(0);

    newest().accept();
    newest().hangUp(4401);
    await vi.advanceTimersByTimeAsync(0);

    expect(seen.renewed).toBe(1);
    expect(Line.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(Line.all).toHaveLength(2);
  });

  it('reports that access was lost', async () => {
    const { seen } = setUp();
    (await goLive()).hangUp(4403);
    expect(seen.accessLost).toBe(1);
  });

  it('replaces a dead connection half a minute after the last answer', async () => {
    const { seen } = setUp();
    const line = await goLive();

    await vi.advanceTimersByTimeAsync(15_000);
    expect(line.sent.at(-1)).toEqual({ type: 'ping' });
    line.say({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(30_000);

    expect(Line.all).toHaveLength(2);
    expect(seen.statuses.at(-1)).toBe('reconnecting');
  });

  it('replaces an attempt that nobody answers', async () => {
    setUp();
    await vi.advanceTimersByTimeAsync(0);
    newest().accept();

    await vi.advanceTimersByTimeAsync(12_000);

    expect(Line.all).toHaveLength(2);
  });

  it('is not live again until the subscription is confirmed, because nothing arrives before', async () => {
    const { seen } = setUp();
    (await goLive()).hangUp(1012);
    await vi.advanceTimersByTimeAsync(1_000);
    newest().accept();
    newest().say({ type: 'authenticated', expires_at: inTenMinutes() });

    await vi.advanceTimersByTimeAsync(2_000);
    expect(seen.statuses).toEqual(['connecting', 'live', 'reconnecting']);
    newest().say({ type: 'subscribed', device_ids: ['a'] });

    expect(seen.statuses.at(-1)).toBe('live');
    expect(seen.subscribed).toHaveLength(2);
  });

  it.each([
    ['the browser reports a network', () => globalThis.dispatchEvent(new Event('online'))],
    ['the tab is looked at again', () => document.dispatchEvent(new Event('visibilitychange'))],
  ])('asks whether the connection still works when %s', async (_, happen) => {
    setUp();
    const line = await goLive();

    happen();
    expect(line.sent.at(-1)).toEqual({ type: 'ping' });
    await vi.advanceTimersByTimeAsync(5_000);

    expect(Line.all).toHaveLength(2);
  });

  it('sends a new choice of devices on the open connection, and the same choice only once', async () => {
    const { socket } = setUp();
    const line = await goLive();

    socket.subscribe(['a']);
    socket.subscribe(['b']);

    expect(line.sent.filter((message) => message.type === 'subscribe').map((message) => message.device_ids)).toEqual([
      ['a'],
      ['b'],
    ]);
  });

  it('stays closed once stopped', async () => {
    const { socket, seen } = setUp();
    const line = await goLive();
    socket.stop();
    line.hangUp(1000);
    await vi.advanceTimersByTimeAsync(120_000);

    expect(Line.all).toHaveLength(1);
    expect(seen.statuses.at(-1)).toBe('off');
  });
});
