// The live connection of a tab. It authenticates by its first message, subscribes again after every reconnect, and
// reports status, live updates, alerts, and that data must be fetched again.
import { MAIN, namedBy } from '@/lib/energy/channels';
import type { AlertFrame, HourlyUpdated, PeriodUpdated } from '@/lib/transport/api-types';
import { backoffMs } from '@/lib/transport/backoff';
import type { FrameReader } from './frames';

export type LiveStatus = 'off' | 'connecting' | 'live' | 'reconnecting';

export type LiveSocketOptions = {
  url: () => string;
  /** Returns a token that is valid for some time; rejects when there is none. */
  token: () => Promise<string>;
  /** Forces a new token: the server rejected the present one. */
  renewToken: () => Promise<unknown>;
  /** Returns what reads the frames; rejects when it cannot be loaded. */
  reader: () => Promise<FrameReader>;
  onStatus: (status: LiveStatus) => void;
  onUpdate: (update: HourlyUpdated) => void;
  /** Energy of a device changed in a period, which must be fetched again. */
  onPeriod: (period: PeriodUpdated) => void;
  onAlert: (alert: AlertFrame) => void;
  /** Every change of these devices arrives from now on: data that was fetched before may lack an update. */
  onSubscribed: (deviceIds: string[]) => void;
  /** The server ended the access to a device: the list of devices is out of date. */
  onAccessLost: () => void;
  random?: () => number;
};

const HEARTBEAT_MS = 15_000;
/** After this time without an answer to a ping, the connection is dead although it was not closed (laptop lid, mobile network). */
const ANSWER_MS = 10_000;
/** The browser reports another network: if a ping is not answered in this time, the connection went with the former one. */
const PROBE_MS = 3_000;
/** A frozen server or a vanished network may hold an attempt to connect for minutes. */
const ATTEMPT_MS = 10_000;
/** The longest wait between two attempts: when the platform comes back, its pages are live again within ten seconds. */
const MOST_WAIT_MS = 8_000;
/** A reconnect faster than this is not shown. */
const GRACE_MS = 1_500;
/** Time before the token's end at which it is renewed on the connection; the session renews its own earlier. */
const RENEW_AHEAD_MS = 60_000;
const RENEW_AT_LEAST_MS = 5_000;
const CLOSE_NOT_AUTHENTICATED = 4401;
const CLOSE_ACCESS_LOST = 4403;

export class LiveSocket {
  private frames: FrameReader | null = null;
  private socket: WebSocket | null = null;
  private authenticated = false;
  private running = false;
  private attempt = 0;
  private devices: string[] = [];
  private status: LiveStatus = 'off';
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private graceTimer: ReturnType<typeof setTimeout> | undefined;
  private renewTimer: ReturnType<typeof setTimeout> | undefined;
  private answerTimer: ReturnType<typeof setTimeout> | undefined;
  private heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: LiveSocketOptions) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.setStatus('connecting');
    globalThis.addEventListener?.('online', this.retryNow);
    globalThis.addEventListener?.('offline', this.probe);
    globalThis.document?.addEventListener('visibilitychange', this.probe);
    void this.connect();
  }

  stop(): void {
    this.running = false;
    globalThis.removeEventListener?.('online', this.retryNow);
    globalThis.removeEventListener?.('offline', this.probe);
    globalThis.document?.removeEventListener('visibilitychange', this.probe);
    this.dropSocket();
    clearTimeout(this.retryTimer);
    clearTimeout(this.graceTimer);
    this.setStatus('off');
  }

  /** Replaces the subscribed series: ids of devices, or of one of their channels. */
  subscribe(deviceIds: string[]): void {
    if (deviceIds.length === this.devices.length && deviceIds.every((id, i) => id === this.devices[i])) return;
    this.devices = [...deviceIds];
    if (this.authenticated) this.sendSubscription();
  }

  /** The network is back: connect now, whatever is left of a long wait. */
  private readonly retryNow = (): void => {
    if (this.authenticated) this.probe();
    if (!this.running || this.authenticated) return;
    this.attempt = 0;
    clearTimeout(this.retryTimer);
    // A running attempt may hang in the former network.
    this.dropSocket();
    void this.connect();
  };

  /**
   * Without its network the socket stays open for minutes, so ask, also when the tab is looked at again. A platform on
   * this computer answers without a network, too.
   */
  private readonly probe = (): void => {
    if (this.authenticated) this.ping(PROBE_MS);
  };

  private ping(withinMs: number): void {
    this.send({ type: 'ping' });
    this.expectAnswer(withinMs);
  }

  /** Take the connection for dead if nothing arrives in this time; `close()` on a dead one may take minutes to report. */
  private expectAnswer(withinMs: number): void {
    clearTimeout(this.answerTimer);
    this.answerTimer = setTimeout(() => void this.closed(1006), withinMs);
  }

  private async connect(): Promise<void> {
    let token: string;
    try {
      [token, this.frames] = await Promise.all([this.options.token(), this.frames ?? this.options.reader()]);
    } catch {
      this.retryLater();
      return;
    }
    if (!this.running || this.socket !== null) return;
    const socket = new WebSocket(this.options.url());
    this.socket = socket;
    this.expectAnswer(ATTEMPT_MS);
    socket.addEventListener('open', () => this.send({ type: 'authenticate', token }));
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (this.socket === socket) this.receive(event.data);
    });
    socket.addEventListener('close', (event: CloseEvent) => {
      if (this.socket === socket) void this.closed(event.code);
    });
  }

  private receive(data: unknown): void {
    const frame = this.frames?.read(data);
    clearTimeout(this.answerTimer);
    switch (frame?.type) {
      case 'authenticated':
        this.renewBefore(frame.expires_at);
        if (this.authenticated) break;
        this.authenticated = true;
        this.attempt = 0;
        this.beat();
        this.sendSubscription();
        break;
      case 'subscribed':
        this.setStatus('live');
        this.options.onSubscribed(frame.device_ids);
        break;
      case 'hourly_updated':
        this.options.onUpdate(frame);
        break;
      case 'period_updated':
        this.options.onPeriod(frame);
        break;
      case 'alert':
        this.options.onAlert(frame);
        break;
      default:
    }
  }

  /** A fresh token on the open connection keeps it past the old one's expiry: nothing is missed. */
  private renewBefore(expiresAt: string): void {
    clearTimeout(this.renewTimer);
    const left = Date.parse(expiresAt) - Date.now();
    const socket = this.socket;
    const renew = async () => {
      const token = await this.options.token().catch(() => null);
      if (token !== null && this.socket === socket) this.send({ type: 'authenticate', token });
    };
    this.renewTimer = setTimeout(() => void renew(), Math.max(RENEW_AT_LEAST_MS, left - RENEW_AHEAD_MS));
  }

  private async closed(code: number): Promise<void> {
    const wasLive = this.authenticated;
    this.dropSocket();
    if (!this.running) return;
    this.setReconnectingSoon();
    if (code === CLOSE_ACCESS_LOST) this.options.onAccessLost();
    if (code === CLOSE_NOT_AUTHENTICATED) {
      try {
        await this.options.renewToken();
      } catch {
        this.retryLater();
        return;
      }
      // An expired token is usual: renew it and connect at once. A fresh token that is rejected is a failure: back off.
      if (wasLive) {
        void this.connect();
        return;
      }
    }
    this.retryLater();
  }

  private retryLater(): void {
    if (!this.running) return;
    this.setReconnectingSoon();
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.connect(), backoffMs(this.attempt, MOST_WAIT_MS, this.options.random));
    this.attempt += 1;
  }

  private setReconnectingSoon(): void {
    if (this.status !== 'live') return;
    clearTimeout(this.graceTimer);
    this.graceTimer = setTimeout(() => this.setStatus('reconnecting'), GRACE_MS);
  }

  private beat(): void {
    clearInterval(this.heartbeat);
    this.heartbeat = setInterval(() => this.ping(ANSWER_MS), HEARTBEAT_MS);
  }

  private sendSubscription(): void {
    const series = this.devices.map(namedBy);
    const codes = series.flatMap(({ channel }) => channel ?? []);
    // Without `channels` the frames are those of `main`, as from a live process of a former release.
    const channels = codes.length === 0 ? {} : { channels: [...new Set([MAIN, ...codes])] };
    this.send({ type: 'subscribe', device_ids: series.map(({ device_id: id }) => id), alerts: true, ...channels });
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private dropSocket(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.renewTimer);
    clearTimeout(this.answerTimer);
    const socket = this.socket;
    this.socket = null;
    this.authenticated = false;
    socket?.close();
  }

  private setStatus(status: LiveStatus): void {
    if (status === 'live') clearTimeout(this.graceTimer);
    if (status === this.status) return;
    this.status = status;
    this.options.onStatus(status);
  }
}
