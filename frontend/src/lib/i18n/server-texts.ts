// Sentences of the services in the language of the page, by their codes. The services write English; a sentence whose
// code has no translation stays as it is.
import { language } from './language';
import type { ServerTexts, Values } from './server-texts-ro';

let texts: ServerTexts = {};

/** Loads beside the page, for a page in English needs none. */
export const serverTextsLoaded: Promise<void> = load();

async function load(): Promise<void> {
  if (language === 'ro') texts = (await import('./server-texts-ro')).serverTextsRo;
}

export function serverText(code: string, sentence: string): string {
  const text = texts[code];
  if (text === undefined) return sentence;
  return typeof text === 'string' ? text : text(valuesOf(sentence), sentence);
}

function valuesOf(sentence: string): Values {
  return [...sentence.matchAll(/"([^"]*)"|(?<![\w-])-?\d+(?:[.,]\d+)*/g)].map(([number, quoted]) => quoted ?? number);
}
