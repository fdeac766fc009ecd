// The English texts. Their type, `Messages`, is the shape that every other language must have.
import { periodsEn } from './periods-en';
import { plural } from './plurals';

export const en = {
  ...periodsEn,
  locale: 'en-GB',

  product: 'Energy',
  skipToContent: 'Skip to content',
  none: '—',
  tryAgain: 'Try again',
  loading: 'Loading',

  errors: {
    unreachable: 'The server cannot be reached.',
    unreachableHint: 'Check the connection, or try again in a moment.',
    server: (status: number) => `The server could not answer (error ${status}).`,
    serverHint: 'This is not your doing. Trying again in a moment usually helps.',
    reference: (id: string) => `Reference: ${id}`,
    unexpected: 'Something went wrong on this page.',
    unexpectedHint: 'Loading it afresh usually helps.',
    reload: 'Load the page again',
    pageNotFound: 'There is no such page.',
    toEnergy: 'Go to the energy page',
  },

  login: {
    title: 'Log in',
    lead: 'See what your meters use, hour by hour.',
    username: 'User name',
    password: 'Password',
    submit: 'Log in',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    missingUsername: 'Enter your user name.',
    missingPassword: 'Enter your password.',
    wrong: 'The user name or the password is not right.',
    disabled: 'This account is disabled. Ask your administrator.',
    locked: 'Too many attempts. Wait a moment, then try again.',
    lockedFor: (wait: string) => `Too many attempts. Try again in ${wait}.`,
    ended: 'Your session has ended. Log in again to go on.',
    checking: 'Looking for your session',
  },

  account: {
    menu: 'Account menu',
    roles: { admin: 'Administrator', client: 'Client' },
    theme: 'Theme',
    themes: { light: 'Light', dark: 'Dark', auto: 'System' },
    language: 'Language',
    languages: { en: 'English', ro: 'Română' },
    shortcuts: 'Keyboard shortcuts',
    shortcutsHint: '[ and ] change the period',
    logout: 'Log out',
  },

  live: {
    live: 'Live',
    connecting: 'Connecting',
    reconnecting: 'Reconnecting',
    off: 'Not live',
    hints: {
      live: 'Readings appear as they arrive.',
      connecting: 'Opening the live connection.',
      reconnecting: 'The live connection was lost. Figures catch up when it is back.',
      off: 'The live connection is closed.',
    },
  },

  device: {
    select: 'Device',
    search: 'Search devices',
    nothingFound: 'No device matches',
    searching: 'Searching',
    today: (kwh: string) => `${kwh} kWh today`,
    noneTitle: 'No devices yet',
    noneForClient:
      'No meter is assigned to your account. Ask your administrator to assign one; it appears here by itself.',
    noneForAdmin:
      'Register a device first. As soon as it sends its first reading, its hours appear here.',
    toDevices: 'Go to the devices',
    lookAgain: 'Look again',
    notFoundTitle: 'Device not found',
    notFoundText: 'It does not exist, or it is not one of yours. The link may be old.',
    showMine: 'Show my devices',
  },

  period: {
    group: 'Period shown',
    today: 'Today',
    calendar: 'Calendar',
    previousMonth: 'Previous month',
    nextMonth: 'Next month',
    previousYear: 'Previous year',
    nextYear: 'Next year',
    previousYears: 'Earlier years',
    nextYears: 'Later years',
  },

  summary: {
    total: 'Total',
    today: 'Today',
    lastReading: 'Last reading',
    power: 'Now',
    kwh: 'kWh',
    noReadings: 'No readings',
    hoursSoFar: (hours: number, all: number) => `So far, ${hours} of ${all} hours`,
    complete: (hours: number) => `All ${hours} hours measured`,
  },

  freshness: {
    never: 'Never',
    neverHint: 'This device has not sent a reading yet',
    now: 'Just now',
    ago: { seconds: 's ago', minutes: 'min ago', hours: 'h ago', days: 'days ago' },
    updated: (age: string) => `Updated ${age}`,
    fresh: (when: string) => `On time, read at ${when}`,
    late: (when: string) => `Late, last read at ${when}`,
    silent: (when: string) => `Silent since ${when}`,
  },

  hours: {
    chart: 'Chart',
    table: 'Table',
    view: 'View',
    use: 'Use',
    readings: 'Readings',
    note: 'Note',
    second: 'second time',
    first: 'first time',
    twice: (clock: string) => `${clock} ×2`,
    overLimit: (by: string) => `${by} over the limit`,
    limit: (kwh: string) => `Limit ${kwh} kWh`,
    limitAbove: (kwh: string) => `limit ${kwh} kWh, above the scale`,
    readingCount: (n: number) => plural(n, 'reading', 'readings'),
    dayOf23: '23-hour day: the clock skips one',
    dayOf25: (clock: string) => `25-hour day: ${clock} comes twice`,
    dayOf: (hours: string) => `${hours}-hour day: the clock changes`,
    legendOver: 'Over the limit',
  },

  parts: {
    title: 'When it was used',
    names: { night: 'Night', morning: 'Morning', afternoon: 'Afternoon', evening: 'Evening' },
    spans: { night: '00–06', morning: '06–12', afternoon: '12–18', evening: '18–24' },
  },

  noData: {
    title: (day: string) => `No data for this day, ${day}`,
    never: 'This device has not sent a reading yet. Its first one appears here by itself.',
    before: (day: string) => `The first reading arrived on ${day}.`,
    afterLast: (day: string) => `The last reading is of ${day}.`,
    notYet: 'The first reading of today has not arrived yet.',
    future: 'This day is still to come.',
    gap: (day: string) => `The device sent nothing on this day. Its latest reading is of ${day}.`,
    goTo: (day: string) => `Go to ${day}`,
    goToday: 'Go to today',
  },
};

export type Messages = typeof en;
