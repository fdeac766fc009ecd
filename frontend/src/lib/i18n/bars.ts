// The bars of a day: their names on the switch, and in full.
import { language } from './language';

export const en = {
  label: 'Bars',
  names: { hour: '1 h', quarter: '15 min', power: 'kW' },
  long: { hour: 'Energy of each hour', quarter: 'Energy of each quarter-hour', power: 'Average power of each quarter-hour in kW' },
};

export const ro: typeof en = {
  label: 'Bare',
  names: { hour: '1 h', quarter: '15 min', power: 'kW' },
  long: { hour: 'Energia fiecărei ore', quarter: 'Energia fiecărui sfert de oră', power: 'Puterea medie a fiecărui sfert de oră, în kW' },
};

export const barWords = { en, ro }[language];
