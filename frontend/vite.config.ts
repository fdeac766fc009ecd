import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` serves the pages and hands everything else to a running platform.
const gateway = process.env.EMS_URL ?? 'http://127.0.0.1:8080';

// The platform accepts sockets and cookies only from its own origin; the dev server's is another.
const proxy = {
  target: gateway,
  changeOrigin: true,
  headers: { origin: gateway },
};

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: '@', replacement: fileURLToPath(new URL('./src', import.meta.url)) },
      // write-excel-file compresses by fflate's `zip`, which starts a worker that the content security policy forbids.
      { find: /^fflate$/, replacement: fileURLToPath(new URL('./src/lib/files/zip-at-once.ts', import.meta.url)) },
    ],
  },
  build: {
    // The content security policy allows no data: URLs, so nothing may be inlined.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': proxy, '/ws': { ...proxy, ws: true } },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    // So that the alias of its dependency holds in tests too.
    server: { deps: { inline: ['write-excel-file'] } },
    // A busy machine is slow; no test measures time.
    testTimeout: 60_000,
    env: { TZ: 'Pacific/Auckland' },
  },
});
