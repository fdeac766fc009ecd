// The language of the words, chosen once when the page starts; another choice loads the page again,
// so no part of it is left in the former one.
import { readPreference, writePreference } from '@/lib/browser/preferences';

export const LANGUAGES = ['en', 'ro'] as const;
export type Language = (typeof LANGUAGES)[number];

const NAME = 'language';

const known = (tag: string | null) => LANGUAGES.find((one) => one === tag?.slice(0, 2).toLowerCase());

/** The stored choice, else the first of the browser's languages that there is, else English. */
export function pickLanguage(stored: string | null, wanted: readonly string[]): Language {
  return known(stored) ?? wanted.map(known).find((one) => one !== undefined) ?? 'en';
}

export const language: Language = pickLanguage(readPreference(NAME), globalThis.navigator?.languages ?? []);

export function changeLanguage(to: Language): void {
  writePreference(NAME, to);
  location.reload();
}
