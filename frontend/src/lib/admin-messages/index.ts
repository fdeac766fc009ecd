import { t } from '@/lib/messages';
import { en, type AdminMessages } from './en';

export const ta: AdminMessages = en;

/** "1,234", as the page's language writes it. */
export function count(n: number): string {
  return new Intl.NumberFormat(t.locale).format(n);
}
