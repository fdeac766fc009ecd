// Sentences of the services in the language of the page, by their codes. The services write English; a sentence whose
// code has no translation stays as it is.
import { language } from './language';
import { serverTextsRo, type ServerTexts, type Values } from './server-texts-ro';

const TEXTS: Record<string, ServerTexts> = { ro: serverTextsRo };

export function serverText(code: string, sentence: string): string {
  const text = TEXTS[language]?.[code];
  if (text === undefined) return sentence;
  return typeof text === 'string' ? text : text(valuesOf(sentence), sentence);
}

function valuesOf(sentence: string): Values {
  return [...sentence.matchAll(/"([^"]*)"|(?<![\w-])-?\d+(?:[.,]\d+)*/g)].map(([number, quoted]) => quoted ?? number);
}
