// The texts of the navigation, which is on every page; the administrators' other texts load later.
import { language } from '@/lib/i18n/language';

export const en = {
  label: 'Pages',
  energy: 'Energy',
  devices: 'Devices',
  users: 'Users',
  /** On a phone without its rest. */
  ingestion: { label: 'Incoming', rest: 'data' },
  security: 'Security',
};

export const ro: typeof en = {
  label: 'Pagini',
  energy: 'Energie',
  devices: 'Dispozitive',
  users: 'Utilizatori',
  ingestion: { label: 'Date', rest: 'primite' },
  security: 'Securitate',
};

export const navWords = { en, ro }[language];
