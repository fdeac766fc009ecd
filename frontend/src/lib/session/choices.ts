// Language and theme: kept in this browser and, for the user's other computers, with the account. A browser takes over
// the account's choice when it differs from the one that it saw last; so a choice of its own stays until then.
import { keepsPreferences, readPreference, writePreference } from '@/lib/browser/preferences';
import { changeLanguage, language, type Language } from '@/lib/i18n/language';
import type { User } from '@/lib/transport/api-types';
import { changeOwnAccount } from './own-account';

export type Theme = Exclude<User['theme'], ''>;

export async function chooseLanguage(to: Language): Promise<void> {
  await keepWithAccount('language', to);
  changeLanguage(to);
}

export function chooseTheme(to: Theme, show: (theme: Theme) => void): void {
  show(to);
  void keepWithAccount('theme', to);
}

/** Take over what the user has chosen elsewhere since this browser saw the account last. */
export function takeOverChoices(user: User, show: (theme: Theme) => void): void {
  // Otherwise the page would load again and again.
  if (!keepsPreferences()) return;
  // During an upgrade a service of the former release may answer, whose accounts have neither field.
  const { theme = '', language: preferred = '' } = user as Partial<User>;
  if (theme !== '' && isNews('theme', theme)) show(theme);
  if (preferred !== '' && isNews('language', preferred) && preferred !== language) changeLanguage(preferred);
}

async function keepWithAccount(name: 'language' | 'theme', value: string): Promise<void> {
  try {
    await changeOwnAccount({ [name]: value });
    writePreference(seen(name), value);
  } catch {
    // Without the server the choice holds in this browser; the page shows it all the same.
  }
}

function isNews(name: string, value: string): boolean {
  if (readPreference(seen(name)) === value) return false;
  writePreference(seen(name), value);
  return true;
}

function seen(name: string): string {
  return `account-${name}`;
}
