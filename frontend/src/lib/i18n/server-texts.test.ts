import { beforeAll, expect, it, vi } from 'vitest';
import { writePreference } from '@/lib/browser/preferences';
import { serverText } from './server-texts';

it('an English page shows the service’s sentence', () => {
  expect(serverText('required', 'This field is required.')).toBe('This field is required.');
});

let romanian: typeof import('./server-texts');
let fieldErrors: typeof import('@/lib/transport/http').fieldErrors;
beforeAll(async () => {
  writePreference('language', 'ro');
  vi.resetModules();
  romanian = await import('./server-texts');
  await romanian.serverTextsLoaded;
  ({ fieldErrors } = await import('@/lib/transport/http'));
});

it.each([
  ['required', 'This field is required.', 'Acest câmp este obligatoriu.'],
  ['max_length', 'Ensure this field has no more than 150 characters.', 'Cel mult 150 de caractere.'],
  ['max_value', 'Ensure this value is less than or equal to 1000000.', 'Valoarea trebuie să fie cel mult 1000000.'],
  ['invalid_choice', '"toaster" is not a valid choice.', '„toaster” nu este o alegere validă.'],
  ['invalid', 'Enter a valid email address.', 'Introduceți o adresă de e-mail validă.'],
  ['invalid', 'Not valid: name, phone.', 'Nevalid: name, phone.'],
])('%s: %j is in Romanian with its values', (code, sentence, text) => {
  expect(romanian.serverText(code, sentence)).toBe(text);
});

it('a code without a translation keeps the service’s sentence', () => {
  expect(romanian.serverText('brand_new', 'Something new happened.')).toBe('Something new happened.');
});

it('each sentence of a field has its own code, and a service of an older release sends none', () => {
  const errors = { password: ['This password is too short. It must contain at least 12 characters.', 'This password is entirely numeric.'] };
  expect(fieldErrors(errors, { password: ['password_too_short', 'password_entirely_numeric'] })).toEqual({
    password: ['Parola este prea scurtă: cel puțin 12 caractere.', 'Parola conține doar cifre.'],
  });
  expect(fieldErrors(errors, undefined)).toEqual(errors);
});
