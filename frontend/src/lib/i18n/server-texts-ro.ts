// The services' sentences in Romanian. A test compares the codes with those that the services can send.
import { pluralRo } from './plurals';

/** The numbers and quoted values of the English sentence, in their order. */
export type Values = readonly (string | undefined)[];
export type ServerTexts = Record<string, string | ((values: Values, sentence: string) => string)>;

/** A sentence with the limit that the service names, if it names one. */
const limit =
  (before: string) =>
  ([bound]: Values) =>
    bound === undefined ? 'Valoare nevalidă.' : `${before} ${bound}.`;

/** The same with a number of things. */
const limitOf =
  (before: string, singular: string, plural: string) =>
  ([bound]: Values) =>
    bound === undefined ? 'Valoare nevalidă.' : `${before} ${pluralRo(Number(bound.replaceAll(',', '')), singular, plural)}.`;

export const serverTextsRo: ServerTexts = {
  // Of whole requests.
  error: 'Serverul a întâmpinat o eroare.',
  internal_error: 'Serverul a întâmpinat o eroare. Încercați din nou peste puțin timp.',
  unavailable: 'Serviciul nu este disponibil momentan. Încercați din nou peste câteva secunde.',
  bad_request: 'Cererea nu este corectă.',
  parse_error: 'Cererea nu poate fi citită.',
  not_found: 'Nu există sau nu aveți acces.',
  part_not_found: 'Această parte nu există.',
  method_not_allowed: 'Această acțiune nu există aici.',
  not_acceptable: 'Serverul nu are un răspuns în acest format.',
  unsupported_media_type: 'Serverul nu acceptă acest tip de conținut.',
  throttled: (values) => (values[0] === undefined ? 'Prea multe încercări. Încercați din nou peste un minut.' : `Prea multe cereri. Încercați din nou peste ${values[0]} s.`),
  conflict: 'Acțiunea nu este posibilă în starea actuală.',
  permission_denied: 'Rolul dumneavoastră nu permite această acțiune.',
  not_authenticated: 'Autentificați-vă mai întâi.',
  authentication_failed: 'Autentificarea a eșuat.',
  bad_header: 'Antetul Authorization nu este corect.',
  token_not_valid: 'Sesiunea nu mai este valabilă. Autentificați-vă din nou.',
  user_not_known: 'Acest cont nu este cunoscut aici.',
  session_ended: 'Sesiunea s-a încheiat. Autentificați-vă din nou.',
  invalid_credentials: 'Numele de utilizator sau parola este greșită.',
  origin_not_allowed: 'Pagina nu are voie să deschidă această conexiune.',
  too_many_sockets: 'Prea multe pagini deschise de la această adresă. Închideți câteva.',
  registration_closed: 'Înregistrarea este închisă. Conturile sunt create de un administrator.',
  last_admin: 'Ultimul administrator activ nu poate fi șters, dezactivat sau retrogradat.',
  transition_not_allowed: 'Dispozitivul nu poate trece din starea actuală în starea cerută.',
  main_channel: 'Canalul „main” este chiar dispozitivul. Ștergeți dispozitivul.',
  channel_in_use: 'Canalul primește citirile negative ale altui canal. Schimbați întâi acel canal.',
  too_many_meters: 'Contorul acestui dispozitiv a fost înlocuit de prea multe ori. Creați alt dispozitiv pentru contorul următor.',
  first_meter: 'Primul contor nu a înlocuit alt contor. Corectați numărul de serie al dispozitivului.',
  replaced_later: 'Contorul a fost înlocuit mai târziu. Anulați întâi acea înlocuire.',
  month_closed: 'Luna este închisă, iar orele ei nu se mai pot schimba.',
  not_held:
    'Această energie nu mai este reținută: o citire mai nouă, o corecție sau o modificare a dispozitivului a înlocuit-o. Reîncărcați lista.',
  decided_otherwise: 'Despre această energie s-a decis altfel. Anulați mai întâi acea decizie.',
  import_refused: (values) =>
    values[0] === undefined ? 'Nu s-a salvat nimic.' : `Sunt respinse ${values[0]} din ${values[1] ?? '?'} rânduri. Nu s-a salvat nimic.`,

  // Of fields.
  too_many_channels: limit('Numărul maxim de canale ale unui dispozitiv este'),
  two_wraps: 'Registrul revine la zero fie după numărul de cifre, fie la o valoare. Goliți unul dintre câmpuri.',
  unknown_channel: 'Dispozitivul nu are acest canal.',
  same_channel: 'Citirile negative au nevoie de un alt canal.',
  chained_channels: 'Canalul ales își trimite el însuși citirile negative altui canal.',
  shared_channel: 'Canalul ales primește deja citirile negative ale altui canal.',
  other_quantity: 'Canalul ales măsoară altceva.',
  no_interval: 'Indexurile unui contor nu sunt niciodată negative. Ambele canale trebuie să aibă consum pe interval.',
  code_stays: 'Codul nu se schimbă. Ștergeți canalul și adăugați altul.',
  contradiction: 'Dispozitivul și canalul „main” au valori diferite. Trimiteți una singură.',
  not_after_the_last: 'Ora trebuie să fie după ultima înlocuire.',
  mounted_elsewhere: 'Contorul era montat la alt dispozitiv în acel moment. Corectați numărul de serie sau ora.',
  beyond_the_register: 'Registrul nu poate arăta această valoare. Corectați valoarea sau numărul de cifre.',
  naive: 'Ora are nevoie de fusul orar, de exemplu +02:00.',
  future: 'Ora este în viitor. Introduceți o oră din trecut.',
  early: 'Ora este înainte de 1970.',
  invalid: (_, sentence) => invalidValue(sentence),
  required: 'Acest câmp este obligatoriu.',
  null: 'Acest câmp nu poate lipsi.',
  blank: 'Acest câmp nu poate fi gol.',
  empty: 'Lista nu poate fi goală.',
  not_a_list: 'Trebuie să fie o listă.',
  not_a_dict: 'Trebuie să fie un obiect.',
  date: 'Introduceți data și ora, nu doar data.',
  datetime: 'Introduceți doar data, fără oră.',
  make_aware: 'Această oră nu există în fusul orar.',
  overflow: 'Valoarea este prea mare.',
  unique: 'Există deja.',
  max_length: limitOf('Cel mult', 'caracter', 'caractere'),
  min_length: limitOf('Cel puțin', 'caracter', 'caractere'),
  max_value: limit('Valoarea trebuie să fie cel mult'),
  min_value: limit('Valoarea trebuie să fie cel puțin'),
  max_digits: limitOf('Cel mult', 'cifră', 'cifre'),
  max_decimal_places: limitOf('Cel mult', 'zecimală', 'zecimale'),
  max_whole_digits: limitOf('Cel mult', 'cifră înainte de virgulă', 'cifre înainte de virgulă'),
  max_string_length: 'Textul este prea lung.',
  invalid_choice: ([value]) => (value === undefined ? 'Alegere nevalidă.' : `„${value}” nu este o alegere validă.`),
  invalid_unicode: 'Conține caractere nepermise.',
  null_characters_not_allowed: 'Conține caractere nepermise.',
  surrogate_characters_not_allowed: 'Conține caractere nepermise.',
  no_name: 'Fișierul nu are nume.',
  invalid_image: 'Fișierul nu este o imagine validă.',

  // Of names and passwords.
  username_characters: 'Folosiți doar litere, cifre și semnele @ . + - _',
  username_ends: ([value]) => `„${value ?? ''}” trebuie să înceapă și să se termine cu o literă sau o cifră.`,
  username_mixed_scripts: ([value]) => `„${value ?? ''}” amestecă litere din alfabete diferite. Folosiți un singur alfabet.`,
  username_looks_alike: ([value]) => `„${value ?? ''}” seamănă prea mult cu numele unui alt cont. Alegeți altul.`,
  wrong_password: 'Parola actuală este greșită. După cinci parole greșite la rând, orice parolă este respinsă timp de 15 minute.',
  password_blank: 'Parola conține doar spații. Adăugați litere, cifre sau semne.',
  password_too_short: limitOf('Parola este prea scurtă: cel puțin', 'caracter', 'caractere'),
  password_too_common: 'Parola este prea des folosită.',
  password_entirely_numeric: 'Parola conține doar cifre.',
  password_too_similar: 'Parola seamănă prea mult cu celelalte date ale contului.',

  // Of devices.
  unknown_time_zone: 'Fus orar necunoscut. Folosiți un nume IANA, de exemplu Europe/Bucharest.',
  json_too_deep: 'Nu este JSON simplu sau are prea multe niveluri.',
  list_changed: ([before, now]) => `Lista arăta ${before ?? '?'} dispozitive, acum corespund ${now ?? '?'}. Verificați lista din nou.`,
  too_many_devices: ([all, most]) => `Corespund ${all ?? '?'} dispozitive; cel mult ${most ?? '?'} se schimbă odată. Folosiți filtre.`,
  status_has_routes: 'Starea se schimbă prin pașii dispozitivului.',

  // Of files.
  file_missing: 'Alegeți un fișier CSV.',
  file_too_large: ([most]) => `Fișierul este prea mare: cel mult ${most ?? '?'} octeți.`,
  too_many_rows: ([most]) => `Fișierul are prea multe rânduri: cel mult ${most ?? '?'}.`,
  file_encoding: ([line]) => `Linia ${line ?? '?'}: fișierul nu este în UTF-8. Salvați-l ca UTF-8.`,
  not_csv: ([line]) => `Linia ${line ?? '?'}: nu este CSV. Salvați tabelul din nou ca CSV.`,
  not_text: 'Acesta nu este un fișier text.',
  wrong_columns: (_, sentence) => wrongColumns(sentence),
};

const COLUMNS: [pattern: RegExp, text: (columns: string) => string][] = [
  [/unknown columns (.*?)\. Rename/, (columns) => `Linia 1: coloane necunoscute ${columns}. Redenumiți-le sau ștergeți-le.`],
  [/missing columns (.*?)\. Add/, (columns) => `Linia 1: lipsesc coloanele ${columns}. Adăugați-le.`],
  [/repeated columns (.*?)\. Keep/, (columns) => `Linia 1: coloane repetate ${columns}. Păstrați câte una.`],
  [/^A file may have: (.*)\.$/, (columns) => `Un fișier poate avea: ${columns}.`],
  [/has ([\d,]+) columns/, (columns) => `Linia 1 are prea multe coloane: ${columns}. Ștergeți-le pe celelalte.`],
];

function wrongColumns(sentence: string): string {
  for (const [pattern, text] of COLUMNS) {
    const columns = pattern.exec(sentence)?.[1];
    if (columns !== undefined) return text(columns);
  }
  return sentence;
}

/** The services' code `invalid` is that of every format; the sentence says which one was expected. */
function invalidValue(sentence: string): string {
  if (sentence.startsWith('Not valid:')) return sentence.replace('Not valid:', 'Nevalid:');
  if (/email/i.test(sentence)) return 'Introduceți o adresă de e-mail validă.';
  if (/integer/i.test(sentence)) return 'Introduceți un număr întreg.';
  if (/number/i.test(sentence)) return 'Introduceți un număr.';
  if (/date/i.test(sentence)) return 'Introduceți o dată validă.';
  if (/UUID/.test(sentence)) return 'Introduceți un UUID valid.';
  return sentence;
}
