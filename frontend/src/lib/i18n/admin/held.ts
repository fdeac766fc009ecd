// The texts of held energy: rises of a register that a device cannot use, and the decisions about them.
import { language } from '@/lib/i18n/language';

const en = {
  title: 'Held energy',
  lead: 'The register rose by more than the device can use in the time. This energy does not count until it is accepted. If many rises are listed, the maximum power of the device may be set too low.',
  none: { open: 'No energy is held.', accepted: 'No held energy was accepted.', dismissed: 'No held energy was dismissed.' } as Record<string, string>,
  show: 'Show',
  states: { open: 'To decide', accepted: 'Accepted', dismissed: 'Dismissed' } as Record<string, string>,
  period: (from: string, to: string) => `${from} to ${to}`,
  registers: (before: string, after: string) => `Register: ${before}, then ${after}.`,
  plausible: (most: string) => `The device can use at most ${most} in this time.`,
  closed: 'The raw readings of this time were dropped, so it can no longer count.',
  channel: (code: string) => `Channel ${code}`,
  decided: (name: string, when: string) => `by ${name}, ${when}`,
  accept: 'Accept',
  dismiss: 'Dismiss',
  undo: 'Undo',
  ofJump: (action: string, energy: string, device: string, period: string) => `${action}: ${energy}, ${device}, ${period}`,
  acceptTitle: (energy: string) => `Count ${energy}?`,
  acceptText: (energy: string, period: string) =>
    `${energy} are added to the consumption from ${period}, divided evenly over that time. Accept it if the energy was really used, for example while the meter sent nothing. You can undo this.`,
  dismissTitle: (energy: string) => `Leave out ${energy}?`,
  dismissText: (energy: string, period: string) =>
    `${energy} are not counted, and the consumption from ${period} stays unknown. Dismiss it if the register is wrong. You can undo this.`,
  noteHint: 'Optional. It is kept with the decision.',
  accepted: (energy: string) => `${energy} count now.`,
  dismissed: (energy: string) => `${energy} stay out.`,
  undone: (energy: string) => `${energy} are held again.`,
  ledger: (n: string, energy: string) => `Held and not counted: ${n}, ${energy}`,
};

const ro: typeof en = {
  title: 'Energie reținută',
  lead: 'Indexul a crescut mai mult decât poate consuma dispozitivul în acest timp. Energia nu se numără până nu este acceptată. Dacă lista este lungă, puterea maximă a dispozitivului poate fi setată prea jos.',
  none: {
    open: 'Nu este reținută nicio energie.',
    accepted: 'Nu a fost acceptată nicio energie reținută.',
    dismissed: 'Nu a fost respinsă nicio energie reținută.',
  },
  show: 'Afișează',
  states: { open: 'De hotărât', accepted: 'Acceptate', dismissed: 'Respinse' },
  period: (from, to) => `${from} – ${to}`,
  registers: (before, after) => `Index: ${before}, apoi ${after}.`,
  plausible: (most) => `Dispozitivul poate consuma cel mult ${most} în acest timp.`,
  closed: 'Citirile brute din acest timp au fost șterse, deci nu se mai poate număra.',
  channel: (code) => `Canalul ${code}`,
  decided: (name, when) => `de ${name}, ${when}`,
  accept: 'Acceptă',
  dismiss: 'Respinge',
  undo: 'Anulează decizia',
  ofJump: (action, energy, device, period) => `${action}: ${energy}, ${device}, ${period}`,
  acceptTitle: (energy) => `Numărați ${energy}?`,
  acceptText: (energy, period) =>
    `${energy} se adaugă la consumul din ${period}, împărțiți uniform pe acest timp. Acceptați dacă energia a fost consumată cu adevărat, de exemplu cât timp contorul nu a transmis. Decizia se poate anula.`,
  dismissTitle: (energy) => `Lăsați deoparte ${energy}?`,
  dismissText: (energy, period) =>
    `${energy} nu se numără, iar consumul din ${period} rămâne necunoscut. Respingeți dacă indexul este greșit. Decizia se poate anula.`,
  noteHint: 'Opțional. Se păstrează împreună cu decizia.',
  accepted: (energy) => `${energy} se numără acum.`,
  dismissed: (energy) => `${energy} nu se numără.`,
  undone: (energy) => `${energy} sunt din nou reținuți.`,
  ledger: (n, energy) => `Reținute și nenumărate: ${n}, ${energy}`,
};

export const heldMessages = { en, ro }[language];
