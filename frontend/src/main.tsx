import '@fontsource-variable/inter/wght.css';
import '@/app/styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '@/app/app';
import { linkManifest } from '@/lib/browser/manifest';
import { registerOfflinePage } from '@/lib/browser/offline-page';
import { language } from '@/lib/i18n/language';
import { session } from '@/lib/session/session';

// Sent at once, while the page's code still loads.
void session.start();

document.documentElement.lang = language;
linkManifest(language);

registerOfflinePage();

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
