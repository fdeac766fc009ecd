// The texts of a device's meters and of their replacement.
import { language } from '@/lib/i18n/language';

const en = {
  title: 'Meters',
  replace: 'Replace meter',
  replaceTitle: (device: string) => `Replace the meter of ${device}`,
  replaceText: (serial: string) => `Meter ${serial} is removed. The device keeps its readings, users and history.`,
  newSerial: 'Serial number of the new meter',
  replacedAt: 'Date and time of the replacement',
  localTime: 'In your time zone.',
  closing: 'Closing register of the old meter',
  opening: 'Opening register of the new meter',
  lastReading: (when: string) => `Proposed: the last reading, ${when}. Leave empty if unknown.`,
  unknownHint: 'Leave empty if unknown: the energy since its last reading is then missing.',
  openingHint: 'Leave empty if unknown.',
  multiplier: 'Multiplier',
  multiplierHint: 'For current transformers, otherwise 1.',
  undo: 'Undo replacement',
  undoTitle: 'Undo the last replacement?',
  undoText: (present: string, before: string) => `Meter ${before} is the present meter again, and ${present} was never mounted here.`,
  period: (from: string | null, to: string | null) =>
    from === null ? (to === null ? 'present meter' : `until ${to}`) : to === null ? `since ${from}` : `${from} to ${to}`,
};

const ro: typeof en = {
  title: 'Contoare',
  replace: 'Înlocuiește contorul',
  replaceTitle: (device) => `Înlocuirea contorului pentru ${device}`,
  replaceText: (serial) => `Contorul ${serial} se demontează. Dispozitivul își păstrează citirile, utilizatorii și istoricul.`,
  newSerial: 'Numărul de serie al contorului nou',
  replacedAt: 'Data și ora înlocuirii',
  localTime: 'În fusul dumneavoastră orar.',
  closing: 'Indexul final al contorului vechi',
  opening: 'Indexul inițial al contorului nou',
  lastReading: (when) => `Propus: ultima citire, ${when}. Lăsați gol dacă nu îl știți.`,
  unknownHint: 'Lăsați gol dacă nu îl știți: energia de la ultima citire va lipsi.',
  openingHint: 'Lăsați gol dacă nu îl știți.',
  multiplier: 'Multiplicator',
  multiplierHint: 'Pentru transformatoare de curent, altfel 1.',
  undo: 'Anulează înlocuirea',
  undoTitle: 'Anulați ultima înlocuire?',
  undoText: (present, before) => `Contorul ${before} redevine contorul actual, iar ${present} nu a fost montat niciodată aici.`,
  period: (from, to) =>
    from === null ? (to === null ? 'contorul actual' : `până la ${to}`) : to === null ? `din ${from}` : `${from} – ${to}`,
};

export const meterMessages = { en, ro }[language];
