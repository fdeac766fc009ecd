// The texts of the navigation, which is on every page; the administrators' other texts load later.
import { language } from '@/lib/i18n/language';

export const en = {
  label: 'Pages',
  energy: 'Energy',
  devices: 'Devices',
  users: 'Users',
  ingestion: 'Ingestion',
  security: 'Security',
};

export const ro: typeof en = {
  label: 'Pagini',
  energy: 'Energie',
  devices: 'Dispozitive',
  users: 'Utilizatori',
  ingestion: 'Recepție',
  security: 'Securitate',
};

export const navWords = { en, ro }[language];
