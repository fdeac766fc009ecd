import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { LANGUAGES } from '@/lib/i18n/language';
import { linkManifest } from './manifest';

const linked = () => document.querySelector('link[rel=manifest]')?.getAttribute('href');
const read = (path: string) => JSON.parse(readFileSync(join(process.cwd(), 'public', path), 'utf8')) as Record<string, unknown>;

beforeEach(() => {
  document.head.innerHTML = '<link rel="manifest" href="/manifest.webmanifest" />';
});

it.each(LANGUAGES)('a page in %s names the manifest of its language, for one and the same app', (language) => {
  linkManifest(language);

  const manifest = read(linked() ?? '');
  expect(manifest.lang).toBe(language);
  const { name, short_name, description, lang, ...rest } = read('manifest.webmanifest');
  expect(manifest).toMatchObject(rest);
  expect(manifest.description === description).toBe(lang === language);
  expect([name, short_name].includes(manifest.name)).toBe(lang === language);
});
