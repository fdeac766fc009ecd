// The language of the texts, chosen once when the page starts; another choice loads the page again, so that no part
// stays in the former language.
import { readPreference, writePreference } from '@/lib/browser/preferences';

export const LANGUAGES = ['en', 'ro'] as const;
export type Language = (typeof LANGUAGES)[number];

const NAME = 'language';

const known = (tag: string | null) => LANGUAGES.find((language) => language === tag?.slice(0, 2).toLowerCase());

/** Return the stored choice, else the first of the browser's languages that the dashboard has, else English. */
export function pickLanguage(stored: string | null, preferred: readonly string[]): Language {
  return known(stored) ?? preferred.map(known).find((language) => language !== undefined) ?? 'en';
}

export const language: Language = pickLanguage(readPreference(NAME), globalThis.navigator?.languages ?? []);

export function changeLanguage(to: Language): void {
  writePreference(NAME, to);
  location.reload();
}
