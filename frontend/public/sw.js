// Without a network, a page of the dashboard is replaced by one that says so. Nothing else is stored or answered here:
// an old figure would look like a current one.
const FILES = ['/offline.html', '/offline.css', '/offline.js', '/color-scheme.js', '/favicon.svg'];
// Derived from these files; a test names the right value.
const CACHE = 'offline-0787d5bc';
/** Addresses of the services, whose errors must stay what they are. */
const OF_SERVICES = /^\/(api|admin|static|ws|health|metrics)(\/|$)/;

self.addEventListener('install', (event) => {
  const files = FILES.map((path) => new Request(path, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(takeOver()));

async function takeOver() {
  const former = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(former.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || OF_SERVICES.test(pathname)) return;
  const isPage = request.mode === 'navigate';
  if (!isPage && !FILES.includes(pathname)) return;
  event.respondWith(
    fetch(request).catch(async (error) => {
      const stored = await caches.match(isPage ? '/offline.html' : pathname);
      if (stored === undefined) throw error;
      return stored;
    }),
  );
});
