// The session of the user in this tab. The access token is in memory only; the refresh token is an HttpOnly cookie
// that scripts never see. A refresh replaces that cookie, and a former cookie that comes back later than a few seconds
// ends the session: so there is one refresh at a time across all tabs, and its answer serves all of them.
import type { SessionAnswer, User } from '@/lib/transport/api-types';
import { ApiError, isUnreachable, request } from '@/lib/transport/http';
import { readPreference, writePreference } from '@/lib/browser/preferences';

export type SessionState =
  | { status: 'starting' }
  | { status: 'unreachable' }
  | { status: 'anonymous'; ended: boolean }
  | { status: 'authenticated'; user: User };

/** The session has ended: the user must log in again. */
export class SessionEndedError extends Error {
  override name = 'SessionEndedError';
}

const LOCK = 'ems-session-refresh';
const CHANNEL = 'ems-session';
/** Stored when a logout did not reach the server: the cookie must not bring the session back. */
const LOGOUT_PENDING = 'logout-pending';
/** A token with less life than this is renewed before use: a request must not expire on its way. */
const MIN_LIFE_MS = 30_000;
/** Renewed in the background when this share of its life is over. */
const RENEW_AT = 0.75;

type Token = { text: string; expiresAt: number; issuedAt: number };
type TabMessage = 'signed-in' | 'signed-out' | { renewed: SessionAnswer };

export class Session {
  private state: SessionState = { status: 'starting' };
  private token: Token | null = null;
  private refreshing: Promise<string> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly channel: BroadcastChannel | null;

  constructor() {
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
    this.channel?.addEventListener('message', (event: MessageEvent<TabMessage>) => {
      if (event.data === 'signed-out' && this.state.status === 'authenticated') this.end(false);
      if (event.data === 'signed-in' && this.state.status !== 'authenticated') void this.start();
      if (typeof event.data === 'object') this.take(event.data.renewed);
    });
  }

  getState = (): SessionState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Continue the session of the cookie, if there is one. */
  async start(): Promise<void> {
    try {
      if (readPreference(LOGOUT_PENDING) === 'yes') await this.logout();
      else await this.refresh();
    } catch {
      // The state holds the result already.
    }
  }

  async login(username: string, password: string): Promise<void> {
    const answer = await request<SessionAnswer>('/api/auth/login/', {
      method: 'POST',
      body: { username, password },
    });
    writePreference(LOGOUT_PENDING, 'no');
    this.accept(answer);
    this.tell('signed-in');
  }

  /** End this session; the user's other sessions go on. */
  async logout(): Promise<void> {
    const token = this.token?.text;
    writePreference(LOGOUT_PENDING, 'yes');
    this.end(false);
    this.tell('signed-out');
    try {
      const body = { everywhere: false };
      await request('/api/auth/logout/', { method: 'POST', body, ...(token === undefined ? {} : { token }) });
    } catch (error) {
      // 401: the session has ended already.
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
    writePreference(LOGOUT_PENDING, 'no');
  }

  /** End all sessions of the user. Rejects when the server cannot be asked: then all of them go on. */
  async logoutEverywhere(): Promise<void> {
    await request('/api/auth/logout/', { method: 'POST', body: { everywhere: true } });
    this.end(false);
    this.tell('signed-out');
  }

  /** Show the account as the user has changed it. */
  changeUser(user: User): void {
    if (this.state.status === 'authenticated' && this.state.user.id === user.id) this.set({ status: 'authenticated', user });
  }

  /** Return a token that is valid for at least half a minute. */
  async accessToken(): Promise<string> {
    if (this.token !== null && this.token.expiresAt - Date.now() > MIN_LIFE_MS) return this.token.text;
    return this.refresh();
  }

  /** Renew the token. `rejected`: a token that the server no longer accepts, although it is not expired. */
  async refresh(rejected?: string): Promise<string> {
    if (rejected !== undefined && this.token !== null && this.token.text !== rejected) return this.token.text;
    this.refreshing ??= this.refreshOnce().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async refreshOnce(): Promise<string> {
    try {
      // `keepalive`: if the page were closed during the request, the browser would miss the new cookie and send the used
      // one later, which ends the session.
      const before = this.token;
      return await oneTabAtATime(async () => {
        // Another tab renewed the token while this tab waited for the lock.
        if (this.token !== null && this.token !== before) return this.token.text;
        const answer = await request<SessionAnswer | undefined>('/api/auth/refresh/', { method: 'POST', keepalive: true });
        // No cookie is no error: it is a first visit.
        if (answer === undefined) throw new SessionEndedError('no session');
        this.tell({ renewed: answer });
        return this.accept(answer);
      });
    } catch (error) {
      if (error instanceof SessionEndedError) {
        this.end(this.state.status === 'authenticated');
        throw error;
      }
      if (error instanceof ApiError && [400, 401, 403].includes(error.status)) {
        this.end(this.state.status === 'authenticated');
        throw new SessionEndedError('session ended', { cause: error });
      }
      if (this.state.status !== 'authenticated') this.set({ status: 'unreachable' });
      else this.renewIn(isUnreachable(error) ? 5_000 : 15_000);
      throw error;
    }
  }

  /** Take over the token that another tab got for the same user: one renewal serves all tabs. */
  private take(renewed: SessionAnswer): void {
    if (this.state.status === 'authenticated' && this.state.user.id === renewed.user.id) this.accept(renewed);
  }

  private accept(answer: SessionAnswer): string {
    const now = Date.now();
    this.token = { text: answer.access, issuedAt: now, expiresAt: now + lifetimeMs(answer.access) };
    this.renewIn((this.token.expiresAt - now) * RENEW_AT);
    const known = this.state.status === 'authenticated' ? this.state.user : null;
    // The same user again must not redraw the page every few minutes.
    if (known === null || JSON.stringify(known) !== JSON.stringify(answer.user)) {
      this.set({ status: 'authenticated', user: answer.user });
    }
    return answer.access;
  }

  private renewIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.start(), ms);
  }

  private end(ended: boolean): void {
    clearTimeout(this.timer);
    this.token = null;
    this.set({ status: 'anonymous', ended });
  }

  private tell(message: TabMessage): void {
    this.channel?.postMessage(message);
  }

  private set(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

/** Life of a JWT by its own two times, so a wrong clock on this computer does not matter. */
export function lifetimeMs(jwt: string): number {
  const fallback = 5 * 60_000;
  try {
    const payload = (jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const { exp, iat } = JSON.parse(atob(payload)) as { exp?: number; iat?: number };
    if (typeof exp !== 'number') return fallback;
    const life = typeof iat === 'number' ? (exp - iat) * 1000 : exp * 1000 - Date.now();
    return life > 0 ? life : fallback;
  } catch {
    return fallback;
  }
}

async function oneTabAtATime<T>(work: () => Promise<T>): Promise<T> {
  // Web locks exist only on https and localhost; elsewhere only this tab's own calls are joined.
  const locks = (globalThis.navigator as { locks?: LockManager | null }).locks;
  return locks == null ? work() : (locks.request(LOCK, work) as Promise<T>);
}

export const session = new Session();
