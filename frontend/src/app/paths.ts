
export const paths = { energy: '/energy', login: '/login' };

export function loginPath(from: string): string {
  return from === '/' || from === paths.energy ? paths.login : `${paths.login}?next=${encodeURIComponent(from)}`;
}

/** Where to go after logging in. Only a path of this site: `next` comes from the address bar. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : paths.energy;
}

