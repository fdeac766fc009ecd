// The Romanian texts.
import type { Messages } from './en';
import { periodsRo } from './periods-ro';
import { pluralRo as plural } from './plurals';

export const ro: Messages = {
  ...periodsRo,
  locale: 'ro-RO',

  product: 'Energie',
  skipToContent: 'Sari la conținut',
  helpOn: (name) => `Ajutor: ${name}`,
  none: '—',
  tryAgain: 'Încearcă din nou',
  loading: 'Se încarcă',

  errors: {
    unreachable: 'Serverul nu poate fi contactat.',
    unreachableHint: 'Verificați conexiunea sau încercați din nou peste puțin timp.',
    server: (status) => `Serverul a răspuns cu o eroare (${status}).`,
    serverHint: 'Nu este vina dumneavoastră. Încercați din nou peste puțin timp.',
    reference: (id) => `Referință: ${id}`,
    unexpected: 'Ceva nu a funcționat pe această pagină.',
    unexpectedHint: 'Dacă reîncărcarea nu ajută, întrebați administratorul.',
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
    wrong: 'Numele de utilizator sau parola este greșită.',
    disabled: 'Acest cont este dezactivat. Întrebați administratorul.',
    locked: 'Prea multe încercări. Încercați din nou peste puțin timp.',
    lockedFor: (wait) => `Prea multe încercări. Încercați din nou peste ${wait}.`,
    ended: 'Sesiunea s-a încheiat. Autentificați-vă din nou pentru a continua.',
    forgotten: 'Ați uitat parola? Întrebați administratorul.',
    register: 'Creează un cont',
  },

  account: {
    menu: 'Meniul contului',
    roles: { admin: 'Administrator', client: 'Client' },
    theme: 'Temă',
    themes: { light: 'Luminoasă', dark: 'Întunecată', auto: 'Sistem' },
    language: 'Limbă',
    languages: { en: 'English', ro: 'Română' },
    shortcuts: 'Scurtături de tastatură',
    help: 'Ajutor',
    logout: 'Deconectare',
    own: 'Contul dumneavoastră',
  },

  live: {
    live: 'În direct',
    connecting: 'Se conectează',
    reconnecting: 'Se reconectează',
    off: 'Nu este în direct',
    hints: {
      live: 'Citirile apar pe măsură ce sosesc.',
      connecting: 'Se deschide conexiunea în direct.',
      reconnecting: 'Conexiunea în direct s-a întrerupt. Cifrele se actualizează când revine.',
      off: 'Conexiunea în direct este închisă.',
    },
  },

  device: {
    select: 'Dispozitiv',
    search: 'Caută dispozitive',
    nothingFound: 'Niciun dispozitiv găsit',
    searching: 'Se caută…',
    today: (kwh) => `${kwh} kWh astăzi`,
    noneTitle: 'Niciun dispozitiv încă',
    noneForClient:
      'Contului dumneavoastră nu îi este atribuit încă niciun contor. Cereți administratorului să vă atribuie unul. Apoi va apărea aici.',
    noneForAdmin: 'Adăugați mai întâi un dispozitiv. Consumul apare aici după prima citire.',
    toDevices: 'Mergi la dispozitive',
    refresh: 'Reîncarcă',
    notFoundTitle: 'Dispozitivul nu a fost găsit',
    notFoundText: 'Nu există sau nu aveți acces la el. Poate că linkul este vechi.',
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
    close: 'Închide',
  },

  summary: {
    total: 'Total',
    today: 'Astăzi',
    lastReading: 'Ultima citire',
    power: 'Acum',
    lastHour: 'Ultima oră, în medie',
    lastSpan: (span) => `Ultimele ${span}, în medie`,
    kwh: 'kWh',
    noReadings: 'Fără citiri',
    hoursSoFar: (hours, all) => `Până acum ${hours} din ${plural(all, 'oră', 'ore')}`,
    complete: (hours) => `Toate cele ${plural(hours, 'oră', 'ore')} măsurate`,
  },

  freshness: {
    never: 'Niciodată',
    neverHint: 'Nicio citire primită încă',
    now: 'Chiar acum',
    ago: {
      seconds: (n) => `acum ${n} s`,
      minutes: (n) => `acum ${n} min`,
      hours: (n) => `acum ${n} h`,
      days: (n) => `acum ${plural(n, 'zi', 'zile')}`,
    },
    agoUnit: {
      seconds: () => 's în urmă',
      minutes: () => 'min în urmă',
      hours: () => 'h în urmă',
      days: (n) => `${plural(n, 'zi', 'zile').replace(/^\S+ /, '')} în urmă`,
    },
    updated: (age) => `Actualizat ${age}`,
    fresh: (when) => `La timp, ultima citire: ${when}`,
    late: (when) => `Întârziat, ultima citire: ${when}`,
    silent: (when) => `Fără semnal din ${when}`,
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
    limitAbove: (kwh) => `limita ${kwh} kWh, deasupra graficului`,
    readingCount: (n) => plural(n, 'citire', 'citiri'),
    dayOf23: 'Zi de 23 de ore: se trece la ora de vară',
    dayOf25: (clock) => `Zi de 25 de ore: ${clock} apare de două ori`,
    dayOf: (hours) => `Zi de ${hours} ore: se schimbă ora`,
    legendOver: 'Peste limită',
  },

  share: {
    button: 'Distribuie această vedere',
    copied: 'Link copiat.',
    copy: 'Copiați acest link',
    hint: 'Deschide această vedere pentru utilizatorii care au acces la dispozitiv.',
  },

  parts: {
    title: 'Pe momente ale zilei',
    names: { night: 'Noapte', morning: 'Dimineață', afternoon: 'După-amiază', evening: 'Seară' },
    spans: { night: '00–06', morning: '06–12', afternoon: '12–18', evening: '18–24' },
  },

  noData: {
    title: (day) => `Fără date pe ${day}`,
    never: 'Acest dispozitiv nu a trimis încă nicio citire. Prima va apărea aici.',
    before: (day) => `Prima citire a sosit pe ${day}.`,
    afterLast: (day) => `Ultima citire a fost pe ${day}.`,
    notYet: 'Astăzi nu a sosit încă nicio citire.',
    future: 'Această zi este în viitor.',
    gap: (day) => `Dispozitivul nu a trimis nimic în această zi. Ultima citire a fost pe ${day}.`,
    goTo: (day) => `Mergi la ${day}`,
    goToday: 'Mergi la ziua de astăzi',
  },
};
