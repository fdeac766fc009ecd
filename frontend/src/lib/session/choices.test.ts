import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CLIENT } from '@/testing/people';
import { readPreference } from '@/lib/browser/preferences';
import { takeOverChoices } from './choices';

const themes: string[] = [];
const show = (theme: string) => void themes.push(theme);
const reload = vi.fn<() => void>();

const forbidden = () => {
  throw new Error('forbidden');
};

beforeEach(() => {
  themes.length = 0;
  reload.mockClear();
  vi.spyOn(location, 'reload').mockImplementation(reload);
});
afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  vi.restoreAllMocks();
});

it('a browser that sees an account for the first time takes over its language and theme', () => {
  takeOverChoices({ ...CLIENT, language: 'ro', theme: 'dark' }, show);

  expect(themes).toEqual(['dark']);
  expect(readPreference('language')).toBe('ro');
  expect(reload).toHaveBeenCalledOnce();
});

it('a browser keeps a choice of its own until the account’s changes', () => {
  const account = { ...CLIENT, language: 'en', theme: 'dark' } as const;
  takeOverChoices(account, show);
  takeOverChoices(account, show);
  expect(themes).toEqual(['dark']);

  takeOverChoices({ ...account, theme: 'light' }, show);
  expect(themes).toEqual(['dark', 'light']);
});

it('an account without choices changes nothing', () => {
  takeOverChoices(CLIENT, show);

  expect(themes).toEqual([]);
  expect(reload).not.toHaveBeenCalled();
});

it('an account of a former release, without these fields, changes nothing', () => {
  const { language: _language, theme: _theme, ...account } = CLIENT;
  takeOverChoices(account as typeof CLIENT, show);

  expect(themes).toEqual([]);
  expect(reload).not.toHaveBeenCalled();
});

it('the language of the page does not load it again', () => {
  takeOverChoices({ ...CLIENT, language: 'en' }, show);

  expect(reload).not.toHaveBeenCalled();
});

it('a browser that stores nothing does not load the page again and again', () => {
  vi.stubGlobal('localStorage', { getItem: forbidden, setItem: forbidden });
  takeOverChoices({ ...CLIENT, language: 'ro', theme: 'dark' }, show);

  expect(reload).not.toHaveBeenCalled();
});
