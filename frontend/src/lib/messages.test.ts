import { describe, expect, it } from 'vitest';
import { pickLanguage } from './language';
import { en } from './messages';
import { ro } from './messages-ro';
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
  'account.languages.ro', 'summary.total', 'summary.kwh', 'freshness.ago.seconds', 'freshness.ago.minutes',
  'freshness.ago.hours', 'parts.spans.night', 'parts.spans.morning', 'parts.spans.afternoon', 'parts.spans.evening',
  'use.states.measured', 'period.calendar', 'exports.columns.kwh',
]);

function text(words: object, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], words);
}

describe('the Romanian words', () => {
  it('leave out nothing that the English ones say, and add nothing', () => {
    expect(paths(ro).toSorted()).toEqual(paths(en).toSorted());
  });

  it('are words of their own, of the same kind', () => {
    const kept = paths(en).filter((path) => !SAME.has(path) && text(ro, path) === text(en, path));
    expect(kept).toEqual([]);
    expect(paths(en).filter((path) => typeof text(ro, path) !== typeof text(en, path))).toEqual([]);
  });
});

it('counts as each language does', () => {
  expect([1, 2].map((n) => plural(n, 'hour', 'hours'))).toEqual(['1 hour', '2 hours']);
  expect([0, 1, 2, 19, 20, 101, 120].map((n) => pluralRo(n, 'oră', 'ore'))).toEqual([
    '0 ore', '1 oră', '2 ore', '19 ore', '20 de ore', '101 ore', '120 de ore',
  ]);
});

it('takes the chosen language, else the first of the browser that there is, else English', () => {
  expect(pickLanguage('ro', ['en-US'])).toBe('ro');
  expect(pickLanguage(null, ['de-DE', 'ro-RO', 'en'])).toBe('ro');
  expect(pickLanguage(null, ['de'])).toBe('en');
  expect(pickLanguage('xx', [])).toBe('en');
});
