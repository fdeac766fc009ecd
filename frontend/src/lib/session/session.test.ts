import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '@/lib/transport/api-client';
import { lifetimeMs, Session, session, SessionEndedError } from './session';

const alice = { id: 'a', username: 'alice', email: '', first_name: '', last_name: '', phone: '', role: 'client', is_active: true };

type Answer = { status?: number; body?: unknown } | 'no network';

/** Answers by path; records what was asked. */
function server(answers: Record<string, (call: number) => Answer>) {
  const calls: { path: string; authorization: string | undefined; keepalive: boolean }[] = [];
  vi.stubGlobal('fetch', async (path: string, init: { headers: Record<string, string>; keepalive?: boolean }) => {
    calls.push({ path, authorization: init.headers.authorization, keepalive: init.keepalive === true });
    const nth = calls.filter((call) => call.path === path).length;
    const answer = answers[path]?.(nth) ?? { status: 404, body: { code: 'not_found' } };
    if (answer === 'no network') throw new TypeError('failed to fetch');
    const { status = 200, body } = answer;
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  });
  return calls;
}

function jwt(life: number, name = ''): string {
  const iat = 1_700_000_000;
  return `h.${btoa(JSON.stringify({ iat, exp: iat + life, name }))}.s`;
}

const signedIn = (nth: number) => ({ body: { access: jwt(600, `n${nth}`), user: alice } });
const rejected = () => ({ status: 401, body: { code: 'not_authenticated' } });
const REFRESH = '/api/auth/refresh/';

beforeEach(() => {
  localStorage.clear();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('starting', () => {
  it('continues the session of the cookie', async () => {
    server({ [REFRESH]: signedIn });
    const mine = new Session();
    await mine.start();
    expect(mine.getState()).toEqual({ status: 'authenticated', user: alice });
  });

  it('without a session is anonymous', async () => {
    server({ [REFRESH]: rejected });
    const mine = new Session();
    await mine.start();
    expect(mine.getState()).toEqual({ status: 'anonymous', ended: false });
  });

  it('without a cookie is anonymous and no error', async () => {
    server({ [REFRESH]: () => ({ status: 204 }) });
    const mine = new Session();
    await mine.start();
    expect(mine.getState()).toEqual({ status: 'anonymous', ended: false });
    await expect(mine.accessToken()).rejects.toBeInstanceOf(SessionEndedError);
  });

  it.each([['no network' as const], [{ status: 503 }]])('without an answer of the server is unreachable, not anonymous: %o', async (answer) => {
    server({ [REFRESH]: () => answer });
    const mine = new Session();
    await mine.start();
    expect(mine.getState()).toEqual({ status: 'unreachable' });
  });
});

describe('the token', () => {
  it('is exchanged to the end when the page is closed meanwhile', async () => {
    const calls = server({ [REFRESH]: signedIn });
    await new Session().start();
    expect(calls.map((call) => call.keepalive)).toEqual([true]);
  });

  it('is renewed once for many requests at the same time', async () => {
    const calls = server({ [REFRESH]: signedIn });
    const mine = new Session();
    const tokens = await Promise.all([mine.accessToken(), mine.accessToken(), mine.refresh()]);
    expect(calls).toHaveLength(1);
    expect(new Set(tokens).size).toBe(1);
  });

  it('is renewed before it expires', async () => {
    vi.useFakeTimers();
    const calls = server({ [REFRESH]: signedIn });
    const mine = new Session();
    await mine.start();
    await vi.advanceTimersByTimeAsync(449_000);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(calls).toHaveLength(2);
  });

  it('is kept through an outage of the server', async () => {
    vi.useFakeTimers();
    server({ [REFRESH]: (nth) => (nth === 2 ? 'no network' : signedIn(nth)) });
    const mine = new Session();
    await mine.start();
    await vi.advanceTimersByTimeAsync(460_000);
    expect(mine.getState().status).toBe('authenticated');
    await expect(mine.accessToken()).resolves.toBeTruthy();
  });

  it('ends the session when the server rejects its renewal', async () => {
    server({ [REFRESH]: (nth) => (nth === 1 ? signedIn(1) : rejected()) });
    const mine = new Session();
    await mine.start();
    await expect(mine.refresh()).rejects.toBeInstanceOf(SessionEndedError);
    expect(mine.getState()).toEqual({ status: 'anonymous', ended: true });
  });

  it('has the life of its own two times, also where this computer’s clock is wrong', () => {
    expect(lifetimeMs(jwt(600))).toBe(600_000);
    expect(lifetimeMs('rubbish')).toBeGreaterThan(0);
  });
});

/** The browser's locks between tabs; says how many ever worked at once. */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  let now = 0;
  let most = 0;
  const request = (_: string, work: () => Promise<unknown>) => {
    const run = async () => {
      now += 1;
      most = Math.max(most, now);
      return work().finally(() => {
        now -= 1;
      });
    };
    last = last.then(run, run);
    return last;
  };
  vi.stubGlobal('navigator', { locks: { request } });
  return { most: () => most };
}

describe('several tabs', () => {
  it('share one renewal', async () => {
    turns();
    const calls = server({ [REFRESH]: signedIn });
    const [here, there] = [new Session(), new Session()];
    await here.start();
    await there.start();
    const before = calls.length;

    const first = await here.refresh();
    await vi.waitFor(async () => expect(await there.accessToken()).toBe(first));

    expect(calls).toHaveLength(before + 1);
  });

  it('renew one after the other, because a used cookie that came back would end the session', async () => {
    const { most } = turns();
    server({ [REFRESH]: signedIn });
    await Promise.all([new Session().start(), new Session().start(), new Session().start()]);
    expect(most()).toBe(1);
  });

  it('log out together', async () => {
    turns();
    server({ [REFRESH]: signedIn, '/api/auth/logout/': () => ({ status: 204 }) });
    const [here, there] = [new Session(), new Session()];
    await here.start();
    await there.start();

    await here.logout();

    await vi.waitFor(() => expect(there.getState()).toEqual({ status: 'anonymous', ended: false }));
  });
});

describe('logging out', () => {
  it('removes the token at once and ends the session at the server', async () => {
    const calls = server({ [REFRESH]: signedIn, '/api/auth/logout/': () => ({ status: 204 }) });
    const mine = new Session();
    await mine.start();
    await mine.logout();
    expect(mine.getState()).toEqual({ status: 'anonymous', ended: false });
    expect(calls.at(-1)?.path).toBe('/api/auth/logout/');
  });

  it('is completed at the next start if the server was unavailable', async () => {
    const calls = server({
      [REFRESH]: signedIn,
      '/api/auth/logout/': (nth) => (nth === 1 ? 'no network' : { status: 204 }),
    });
    const mine = new Session();
    await mine.start();
    await expect(mine.logout()).rejects.toThrow('no answer');

    const next = new Session();
    await next.start();

    expect(next.getState()).toEqual({ status: 'anonymous', ended: false });
    expect(calls.map((call) => call.path)).toEqual([REFRESH, '/api/auth/logout/', '/api/auth/logout/']);
  });
});

it('a request rejected with 401 is sent once more with a fresh token', async () => {
  const calls = server({
    [REFRESH]: signedIn,
    '/api/thing/': (nth) => (nth === 1 ? rejected() : { body: { fine: true } }),
  });

  await session.start();
  await expect(api('/api/thing/')).resolves.toEqual({ fine: true });

  const [, first, , second] = calls;
  expect(first?.path).toBe('/api/thing/');
  expect(second?.path).toBe('/api/thing/');
  expect(second?.authorization).not.toBe(first?.authorization);
});
