// The details of a rejected message, by its reason. The services write them in English, with the values of the message.
import { language } from '@/lib/i18n/language';

type Words = {
  field: (name: string) => string;
  atLeast: (field: string, bound: string) => string;
  atMost: (field: string, bound: string) => string;
  place: (line: string, column: string) => string;
  byte: (position: string) => string;
  cutOff: string;
  afterTheEnd: string;
  emptyElement: string;
  before1970: string;
  notANumber: (field: string) => string;
  bytes: (bytes: string, most: string) => string;
  readings: (most: string) => string;
  future: string;
  closedMonth: string;
  retired: (instant: string) => string;
  conflict: (revision: string) => string;
  register: (digits: string) => string;
  power: (kw: string) => string;
  foreign: string;
  broker: string;
  oldRelease: string;
};

const en: Words = {
  field: (name) => `Field ${name}`,
  atLeast: (field, bound) => `Field ${field}: at least ${bound}`,
  atMost: (field, bound) => `Field ${field}: at most ${bound}`,
  place: (line, column) => `Line ${line}, column ${column}`,
  byte: (position) => `At byte ${position}`,
  cutOff: 'The message is cut off.',
  afterTheEnd: 'There is text after the end of the message.',
  emptyElement: 'The list has an empty element.',
  before1970: 'Field timestamp: before 1970',
  notANumber: (field) => `Field ${field}: not a number`,
  bytes: (bytes, most) => `${bytes} bytes, at most ${most}`,
  readings: (most) => `More than ${most} readings in one message`,
  future: 'More than 24 hours in the future',
  closedMonth: 'The raw readings of this month were dropped.',
  retired: (instant) => `Retired since ${instant}`,
  conflict: (revision) => `Another value came first at revision ${revision}. Send a correction with a higher revision.`,
  register: (digits) => `More than a counter of ${digits} digits can show`,
  power: (kw) => `More than ${kw} kW over its interval`,
  foreign: 'A program outside the platform wrote this message.',
  broker: 'The message broker moved it here itself.',
  oldRelease: 'This version of the platform does not know the reading type of the device.',
};

const ro: Words = {
  field: (name) => `Câmpul ${name}`,
  atLeast: (field, bound) => `Câmpul ${field}: cel puțin ${bound}`,
  atMost: (field, bound) => `Câmpul ${field}: cel mult ${bound}`,
  place: (line, column) => `Linia ${line}, coloana ${column}`,
  byte: (position) => `La octetul ${position}`,
  cutOff: 'Mesajul este întrerupt.',
  afterTheEnd: 'Există text după sfârșitul mesajului.',
  emptyElement: 'Lista are un element gol.',
  before1970: 'Câmpul timestamp: înainte de 1970',
  notANumber: (field) => `Câmpul ${field}: nu este un număr`,
  bytes: (bytes, most) => `${bytes} octeți, cel mult ${most}`,
  readings: (most) => `Mai mult de ${most} de citiri într-un mesaj`,
  future: 'Cu peste 24 de ore în viitor',
  closedMonth: 'Citirile brute ale acestei luni au fost șterse.',
  retired: (instant) => `Scos din uz din ${instant}`,
  conflict: (revision) => `O altă valoare a sosit mai întâi la revizia ${revision}. Trimiteți o corecție cu o revizie mai mare.`,
  register: (digits) => `Mai mult decât poate afișa un contor cu ${digits} cifre`,
  power: (kw) => `Peste ${kw} kW pe intervalul său`,
  foreign: 'Mesajul a fost scris de un program din afara platformei.',
  broker: 'Brokerul de mesaje l-a mutat aici.',
  oldRelease: 'Această versiune a platformei nu cunoaște tipul de citire al dispozitivului.',
};

const words = { en, ro }[language];

type Rule = [pattern: RegExp, text: (...groups: string[]) => string];

/** The texts of the services' own checks and of their decoders of JSON, the narrow ones first. */
const RULES: Rule[] = [
  [/^before 1970/, () => words.before1970],
  [/^NaN .*`\$\.?([^`]*)`/, (field) => words.notANumber(field)],
  [/missing required field `([^`]*)`/, (field) => words.field(field)],
  [/>= (\S+).*`\$\.?([^`]+)`/, (bound, field) => words.atLeast(field, bound)],
  [/<= (\S+).*`\$\.?([^`]+)`/, (bound, field) => words.atMost(field, bound)],
  [/- at `\$\.([^`]+)`$/, (field) => words.field(field)],
  [/line (\d+) column (\d+)/, (line, column) => words.place(line, column)],
  [/truncated|the array has no end/, () => words.cutOff],
  [/something follows the array|trailing characters/, () => words.afterTheEnd],
  [/empty element/, () => words.emptyElement],
  [/\(byte (\d+)\)/, (position) => words.byte(position)],
  [/^(\d+) bytes, at most (\d+)/, (bytes, most) => words.bytes(bytes, most)],
  [/^more than (\d+) readings/, (most) => words.readings(most)],
  [/^more than 24 h in the future/, () => words.future],
  [/raw readings (?:of its month )?were dropped/, () => words.closedMonth],
  [/^the device was retired at (\S+ ?\S*)/, (instant) => words.retired(instant)],
  [/^another value came first at revision (\d+)/, (revision) => words.conflict(revision)],
  [/^more than a register of (\d+) digits/, (digits) => words.register(digits)],
  [/^more than (\S+) kW over its interval/, (kw) => words.power(kw)],
  [/^It did not come by the exchange/, () => words.foreign],
  [/^The broker moved it here/, () => words.broker],
  [/does not know the device's reading kind/, () => words.oldRelease],
];

/** Reasons whose name says all. */
const COMPLETE = new Set(['device_deleted']);

/** Return what the message breaks, in the page's language; a text that is not known stays as the service wrote it. */
export function rejectionDetail(reason: string, detail: string): string {
  if (COMPLETE.has(reason)) return '';
  for (const [pattern, text] of RULES) {
    const match = pattern.exec(detail);
    if (match !== null) return text(...match.slice(1));
  }
  return detail;
}
