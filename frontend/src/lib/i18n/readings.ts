// The texts of the readings of an hour, which load when an hour is opened.
import { language } from './language';

export const en = {
  close: 'Close',
  time: 'Interval start',
  value: 'Reading (kWh)',
  power: 'Average power',
  revision: 'Correction',
  original: 'none',
  revised: (n: number) => `no. ${n}`,
  none: 'No readings in this hour.',
  more: 'Only the first readings of this hour are shown.',
};

export const ro: typeof en = {
  close: 'Închide',
  time: 'Începutul intervalului',
  value: 'Citire (kWh)',
  power: 'Putere medie',
  revision: 'Corecție',
  original: 'niciuna',
  revised: (n) => `nr. ${n}`,
  none: 'Nicio citire în această oră.',
  more: 'Sunt afișate doar primele citiri din această oră.',
};

export const readingWords = { en, ro }[language];
