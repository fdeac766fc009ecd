// The administrators' part of every page's head; apart from their other words, which come later.
import { t } from '@/lib/messages';

const en = {
  label: 'Pages',
  energy: 'Energy',
  devices: 'Devices',
  users: 'Users',
  ingestion: 'Ingestion',
  security: 'Security',
};

const ro: typeof en = {
  label: 'Pagini',
  energy: 'Energie',
  devices: 'Dispozitive',
  users: 'Utilizatori',
  ingestion: 'Recepție',
  security: 'Securitate',
};

export const navWords = t.locale.startsWith('ro') ? ro : en;
