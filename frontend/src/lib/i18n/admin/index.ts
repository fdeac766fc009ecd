import { language } from '@/lib/i18n/language';
import { t } from '@/lib/i18n/messages';
import { en, type AdminMessages } from './en';
import { ro } from './ro';

export const adminMessages: AdminMessages = { en, ro }[language];

/** "1,234", as the page's language writes it. */
export function count(n: number): string {
  return new Intl.NumberFormat(t.locale).format(n);
}
