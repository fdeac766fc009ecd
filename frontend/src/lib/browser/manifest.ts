// The manifest by which a browser installs the dashboard, in the language of the page.
import type { Language } from '@/lib/i18n/language';

/** Name the manifest of the language: the page names the English one. */
export function linkManifest(language: Language): void {
  if (language === 'en') return;
  document.querySelector('link[rel=manifest]')?.setAttribute('href', `/manifest.${language}.webmanifest`);
}
