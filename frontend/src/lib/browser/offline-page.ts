// The page that an installed dashboard shows without a network.

/** Register the service worker, after the page's own files are loaded. Browsers have none without TLS, except on this computer. */
export function registerOfflinePage(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  addEventListener('load', () => {
    // Where storage is forbidden it fails: the browser's own page then says that there is no network.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  });
}
