import { describe, expect, it } from 'vitest';
import { pickLanguage } from './language';
import { en as adminEn } from '@/lib/i18n/admin/en';
import { en as devicesEn, ro as devicesRo } from '@/lib/i18n/admin/devices';
import { en as ingestionEn, ro as ingestionRo } from '@/lib/i18n/admin/ingestion';
import { en as navEn, ro as navRo } from '@/lib/i18n/admin/nav';
import { ro as adminRo } from '@/lib/i18n/admin/ro';
import { en as accountEn, ro as accountRo } from './account';
import { en } from './en';
import { en as barsEn, ro as barsRo } from './bars';
import { en as exportsEn, ro as exportsRo } from './exports';
import { en as heatEn, ro as heatRo } from './heat';
import { en as readingsEn, ro as readingsRo } from './readings';
import { ro } from './ro';
import { plural, pluralRo } from './plurals';

/** Every path to a word: 'login.title'. */
function paths(words: object, before = ''): string[] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? paths(value, `${before}${key}.`) : [`${before}${key}`],
  );
}

/** Words that are rightly the same in both languages. */
const SAME = new Set([
  'none', 'login.title', 'login.submit', 'account.roles.admin', 'account.roles.client', 'account.languages.en',
  'account.languages.ro', 'summary.total', 'summary.kwh', 'summary.kw', 'names.hour', 'names.quarter', 'names.power',
  'freshness.ago.seconds', 'freshness.ago.minutes',
  'freshness.ago.hours', 'parts.spans.night', 'parts.spans.morning', 'parts.spans.afternoon', 'parts.spans.evening',
  'use.states.measured', 'period.calendar', 'columns.energyOf',
  'users.roles.admin', 'users.roles.client', 'devices.fields.model', 'import.results.valid',
  'security.values.admin', 'security.values.client',
]);

const FILES = [
  ['everybody', en, ro],
  ['the heat map', heatEn, heatRo],
  ['readings of an hour', readingsEn, readingsRo],
  ['the bars of a day', barsEn, barsRo],
  ['exported files', exportsEn, exportsRo],
  ['the own account', accountEn, accountRo],
  ['administrators', adminEn, adminRo],
  ['devices', devicesEn, devicesRo],
  ['ingestion and security', ingestionEn, ingestionRo],
  ['the links', navEn, navRo],
] as const;

function text(words: object, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], words);
}

describe.each(FILES)('the Romanian words of %s', (_, english, romanian) => {
  it('have the keys of the English ones and no others', () => {
    expect(paths(romanian).toSorted()).toEqual(paths(english).toSorted());
  });

  it('are translated, and are functions where the English ones are', () => {
    const equal = paths(english).filter((path) => !SAME.has(path) && text(romanian, path) === text(english, path));
    expect(equal).toEqual([]);
    expect(paths(english).filter((path) => typeof text(romanian, path) !== typeof text(english, path))).toEqual([]);
  });
});

it('a word beside a number has the plural form of its language', () => {
  expect([1, 2].map((n) => plural(n, 'hour', 'hours'))).toEqual(['1 hour', '2 hours']);
  expect([0, 1, 2, 19, 20, 101, 120].map((n) => pluralRo(n, 'oră', 'ore'))).toEqual([
    '0 ore', '1 oră', '2 ore', '19 ore', '20 de ore', '101 ore', '120 de ore',
  ]);
});

it('the language is the chosen one, else the browser’s first that exists, else English', () => {
  expect(pickLanguage('ro', ['en-US'])).toBe('ro');
  expect(pickLanguage(null, ['de-DE', 'ro-RO', 'en'])).toBe('ro');
  expect(pickLanguage(null, ['de'])).toBe('en');
  expect(pickLanguage('xx', [])).toBe('en');
});
