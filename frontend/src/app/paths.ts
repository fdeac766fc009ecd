
export const paths = {
  energy: '/energy',
  login: '/login',
  register: '/register',
  account: '/profile',
  help: '/help',
  // Not below /api, /admin, /static, /ws, /health or /metrics: nginx and the gateway keep these for the services.
  users: '/manage/users',
  devices: '/manage/devices',
  ingestion: '/manage/ingestion',
  security: '/manage/security',
};

export function loginPath(from: string): string {
  return from === '/' || from === paths.energy ? paths.login : `${paths.login}?next=${encodeURIComponent(from)}`;
}

/** Where to go after logging in. Only a path of this site: `next` comes from the address bar. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : paths.energy;
}

