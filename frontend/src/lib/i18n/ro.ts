// The Romanian texts.
import type { Messages } from './en';
import { periodsRo } from './periods-ro';
import { pluralRo as plural } from './plurals';

export const ro: Messages = {
  ...periodsRo,
  locale: 'ro-RO',

  product: 'Energie',
  skipToContent: 'Sari la conținut',
  none: '—',
  tryAgain: 'Încearcă din nou',
  loading: 'Se încarcă',

  errors: {
    unreachable: 'Serverul nu poate fi contactat.',
    unreachableHint: 'Verificați conexiunea sau încercați din nou peste câteva clipe.',
    server: (status) => `Serverul nu a putut răspunde (eroarea ${status}).`,
    serverHint: 'Nu este vina dumneavoastră. De obicei ajută să încercați din nou peste câteva clipe.',
    reference: (id) => `Referință: ${id}`,
    unexpected: 'Ceva nu a mers pe această pagină.',
    unexpectedHint: 'De obicei ajută reîncărcarea ei.',
    reload: 'Reîncarcă pagina',
    pageNotFound: 'Această pagină nu există.',
    toEnergy: 'Mergi la pagina de energie',
  },

  login: {
    title: 'Autentificare',
    lead: 'Vedeți ce consumă contoarele, oră de oră.',
    username: 'Nume de utilizator',
    password: 'Parolă',
    submit: 'Autentificare',
    showPassword: 'Arată parola',
    hidePassword: 'Ascunde parola',
    missingUsername: 'Introduceți numele de utilizator.',
    missingPassword: 'Introduceți parola.',
    wrong: 'Numele de utilizator sau parola nu este corectă.',
    disabled: 'Acest cont este dezactivat. Întrebați administratorul.',
    locked: 'Prea multe încercări. Așteptați puțin, apoi încercați din nou.',
    lockedFor: (wait) => `Prea multe încercări. Încercați din nou peste ${wait}.`,
    ended: 'Sesiunea s-a încheiat. Autentificați-vă din nou pentru a continua.',
    checking: 'Se caută sesiunea',
  },

  account: {
    menu: 'Meniul contului',
    roles: { admin: 'Administrator', client: 'Client' },
    theme: 'Temă',
    themes: { light: 'Luminoasă', dark: 'Întunecată', auto: 'A sistemului' },
    language: 'Limbă',
    languages: { en: 'English', ro: 'Română' },
    shortcuts: 'Scurtături de tastatură',
    shortcutsHint: '[ și ] schimbă perioada',
    logout: 'Deconectare',
  },

  live: {
    live: 'În direct',
    connecting: 'Se conectează',
    reconnecting: 'Se reconectează',
    off: 'Nu este în direct',
    hints: {
      live: 'Citirile apar pe măsură ce sosesc.',
      connecting: 'Se deschide conexiunea în direct.',
      reconnecting: 'Conexiunea în direct s-a pierdut. Cifrele se actualizează când revine.',
      off: 'Conexiunea în direct este închisă.',
    },
  },

  device: {
    select: 'Dispozitiv',
    search: 'Caută dispozitive',
    nothingFound: 'Niciun dispozitiv nu se potrivește',
    searching: 'Se caută',
    today: (kwh) => `${kwh} kWh astăzi`,
    noneTitle: 'Încă niciun dispozitiv',
    noneForClient:
      'Contului nu îi este atribuit niciun contor. Rugați administratorul să vă atribuie unul; apare aici de la sine.',
    noneForAdmin: 'Înregistrați mai întâi un dispozitiv. După prima lui citire, orele apar aici.',
    toDevices: 'Mergi la dispozitive',
    lookAgain: 'Caută din nou',
    notFoundTitle: 'Dispozitivul nu a fost găsit',
    notFoundText: 'Nu există sau nu este al dumneavoastră. Poate că legătura este veche.',
    showMine: 'Arată dispozitivele mele',
  },

  period: {
    group: 'Perioada afișată',
    today: 'Astăzi',
    calendar: 'Calendar',
    previousMonth: 'Luna anterioară',
    nextMonth: 'Luna următoare',
    previousYear: 'Anul anterior',
    nextYear: 'Anul următor',
    previousYears: 'Ani mai vechi',
    nextYears: 'Ani mai noi',
  },

  summary: {
    total: 'Total',
    today: 'Astăzi',
    lastReading: 'Ultima citire',
    power: 'Acum',
    kwh: 'kWh',
    noReadings: 'Fără citiri',
    hoursSoFar: (hours, all) => `Până acum ${hours} din ${plural(all, 'oră', 'ore')}`,
    complete: (hours) => `Toate cele ${plural(hours, 'oră', 'ore')} măsurate`,
  },

  freshness: {
    never: 'Niciodată',
    neverHint: 'Acest dispozitiv nu a trimis încă nicio citire',
    now: 'Chiar acum',
    ago: { seconds: 's în urmă', minutes: 'min în urmă', hours: 'h în urmă', days: 'zile în urmă' },
    updated: (age) => `Actualizat ${age}`,
    fresh: (when) => `La timp, citit la ${when}`,
    late: (when) => `Întârziat, citit ultima dată la ${when}`,
    silent: (when) => `Tace din ${when}`,
  },

  hours: {
    chart: 'Grafic',
    table: 'Tabel',
    view: 'Afișare',
    use: 'Consum',
    readings: 'Citiri',
    note: 'Observații',
    second: 'a doua oară',
    first: 'prima oară',
    twice: (clock) => `${clock} ×2`,
    overLimit: (by) => `cu ${by} peste limită`,
    limit: (kwh) => `Limita ${kwh} kWh`,
    limitAbove: (kwh) => `limita ${kwh} kWh, deasupra scării`,
    readingCount: (n) => plural(n, 'citire', 'citiri'),
    dayOf23: 'Zi de 23 de ore: ceasul sare peste una',
    dayOf25: (clock) => `Zi de 25 de ore: ${clock} vine de două ori`,
    dayOf: (hours) => `Zi de ${hours} ore: ceasul se schimbă`,
    legendOver: 'Peste limită',
  },

  parts: {
    title: 'Când s-a consumat',
    names: { night: 'Noaptea', morning: 'Dimineața', afternoon: 'După-amiaza', evening: 'Seara' },
    spans: { night: '00–06', morning: '06–12', afternoon: '12–18', evening: '18–24' },
  },

  noData: {
    title: (day) => `Fără date pentru această zi, ${day}`,
    never: 'Acest dispozitiv nu a trimis încă nicio citire. Prima apare aici de la sine.',
    before: (day) => `Prima citire a sosit pe ${day}.`,
    afterLast: (day) => `Ultima citire este din ${day}.`,
    notYet: 'Prima citire de astăzi nu a sosit încă.',
    future: 'Această zi urmează să vină.',
    gap: (day) => `Dispozitivul nu a trimis nimic în această zi. Ultima citire este din ${day}.`,
    goTo: (day) => `Mergi la ${day}`,
    goToday: 'Mergi la ziua de astăzi',
  },
};
