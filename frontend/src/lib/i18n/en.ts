// The English texts. Their type, `Messages`, is the shape that every other language must have.
import { periodsEn } from './periods-en';
import { plural } from './plurals';

export const en = {
  ...periodsEn,
  locale: 'en-GB',

  product: 'Energy',
  skipToContent: 'Skip to content',
  helpOn: (name: string) => `Help: ${name}`,
  none: '—',
  tryAgain: 'Try again',
  loading: 'Loading',

  errors: {
    unreachable: 'The server cannot be reached.',
    unreachableHint: 'Check your connection or try again in a moment.',
    server: (status: number) => `The server returned an error (${status}).`,
    serverHint: 'This isn’t your fault. Try again in a moment.',
    reference: (id: string) => `Reference: ${id}`,
    unexpected: 'Something went wrong on this page.',
    unexpectedHint: 'If reloading does not help, ask your administrator.',
    reload: 'Reload the page',
    pageNotFound: 'This page does not exist.',
    toEnergy: 'Go to the energy page',
  },

  login: {
    title: 'Log in',
    lead: 'See what your meters use, hour by hour.',
    username: 'Username',
    password: 'Password',
    submit: 'Log in',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    missingUsername: 'Enter your username.',
    missingPassword: 'Enter your password.',
    wrong: 'Wrong username or password.',
    disabled: 'This account is disabled. Ask your administrator.',
    locked: 'Too many attempts. Try again in a moment.',
    lockedFor: (wait: string) => `Too many attempts. Try again in ${wait}.`,
    ended: 'Your session has ended. Log in again to continue.',
    forgotten: 'Forgot your password? Ask your administrator.',
    register: 'Create an account',
  },

  account: {
    menu: 'Account menu',
    roles: { admin: 'Administrator', client: 'Client' },
    theme: 'Theme',
    themes: { light: 'Light', dark: 'Dark', auto: 'System' },
    language: 'Language',
    languages: { en: 'English', ro: 'Română' },
    shortcuts: 'Keyboard shortcuts',
    help: 'Help',
    logout: 'Log out',
    own: 'Your account',
  },

  live: {
    live: 'Live',
    connecting: 'Connecting',
    reconnecting: 'Reconnecting',
    off: 'Not live',
    hints: {
      live: 'Readings appear as they arrive.',
      connecting: 'Opening the live connection.',
      reconnecting: 'The live connection was lost. The figures update once it is back.',
      off: 'The live connection is closed.',
    },
  },

  channel: {
    select: 'Channel',
    quantities: { heat: 'Heat', cooling: 'Cooling' } as Record<string, string>,
    flows: {
      consumed: 'Consumed',
      imported: 'Imported',
      exported: 'Exported',
      produced: 'Produced',
      charged: 'Charged',
      discharged: 'Discharged',
    } as Record<string, string>,
  },
  device: {
    select: 'Device',
    search: 'Search devices',
    nothingFound: 'No devices found',
    searching: 'Searching…',
    today: (kwh: string) => `${kwh} kWh today`,
    noneTitle: 'No devices yet',
    noneForClient:
      'No meter is assigned to your account yet. Ask your administrator to assign one. It will then appear here.',
    noneForAdmin: 'Add a device first. Its consumption appears here after its first reading.',
    toDevices: 'Go to the devices',
    refresh: 'Refresh',
    notFoundTitle: 'Device not found',
    notFoundText: 'It does not exist, or you have no access to it. The link may be out of date.',
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
    close: 'Close',
  },

  summary: {
    total: 'Total',
    today: 'Today',
    lastReading: 'Last reading',
    power: 'Now',
    lastHour: 'Last hour, average',
    lastSpan: (span: string) => `Last ${span}, average`,
    kwh: 'kWh',
    kw: 'kW',
    noReadings: 'No readings',
    hoursSoFar: (hours: number, all: number) => `${hours} of ${all} hours so far`,
    complete: (hours: number) => `All ${hours} hours measured`,
  },

  freshness: {
    never: 'Never',
    neverHint: 'No reading received yet',
    now: 'Just now',
    ago: {
      seconds: (n: number) => `${n} s ago`,
      minutes: (n: number) => `${n} min ago`,
      hours: (n: number) => `${n} h ago`,
      days: (n: number) => `${plural(n, 'day', 'days')} ago`,
    },
    /** Beside the number alone, which is set large. */
    agoUnit: {
      seconds: () => 's ago',
      minutes: () => 'min ago',
      hours: () => 'h ago',
      days: (n: number): string => (n === 1 ? 'day ago' : 'days ago'),
    },
    updated: (age: string) => `Updated ${age}`,
    fresh: (when: string) => `On time, last reading at ${when}`,
    late: (when: string) => `Late, last reading at ${when}`,
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
    limitAbove: (kwh: string) => `limit ${kwh} kWh, above the chart`,
    readingCount: (n: number) => plural(n, 'reading', 'readings'),
    dayOf23: '23-hour day: the clocks go forward',
    dayOf25: (clock: string) => `25-hour day: ${clock} occurs twice`,
    dayOf: (hours: string) => `${hours}-hour day: the clocks change`,
    legendOver: 'Over the limit',
  },

  share: {
    button: 'Share this view',
    copied: 'Link copied.',
    copy: 'Copy this link',
    hint: 'It opens this view for users who have access to the device.',
  },

  parts: {
    title: 'By time of day',
    names: { night: 'Night', morning: 'Morning', afternoon: 'Afternoon', evening: 'Evening' },
    spans: { night: '00–06', morning: '06–12', afternoon: '12–18', evening: '18–24' },
  },

  noData: {
    title: (day: string) => `No data on ${day}`,
    never: 'This device has not sent any readings yet. The first one will appear here.',
    before: (day: string) => `The first reading arrived on ${day}.`,
    afterLast: (day: string) => `The last reading was on ${day}.`,
    notYet: 'No reading has arrived today yet.',
    future: 'This day is in the future.',
    gap: (day: string) => `The device sent nothing on this day. The last reading was on ${day}.`,
    goTo: (day: string) => `Go to ${day}`,
    goToday: 'Go to today',
  },
};

export type Messages = typeof en;
