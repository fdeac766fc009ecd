// The texts of a device's channels.
import { language } from '@/lib/i18n/language';

const en = {
  title: 'Channels',
  add: 'Add channel',
  addTitle: 'New channel',
  edit: (code: string) => `Edit channel ${code}`,
  remove: 'Delete channel',
  removeTitle: (code: string) => `Delete channel ${code}?`,
  removeText: 'Its readings are kept, and seen again if a channel with this code is added again.',
  code: 'Code',
  codeHint: 'The name in messages: a to z, 0 to 9, _ and -.',
  name: 'Name',
  quantity: 'Quantity',
  flow: 'Direction',
  intervalHint: 'Leave empty for the interval of the device.',
  wrapsHint: 'The value after which the register begins again at 0.',
  maxPower: 'Maximum per hour (kWh or m³)',
  negative: 'Negative readings go to',
  nowhere: 'nowhere',
  quantities: {
    electricity: 'Electricity (kWh)',
    heat: 'Heat (kWh)',
    cooling: 'Cooling (kWh)',
    gas: 'Gas (m³)',
    water: 'Water (m³)',
  },
  flows: {
    consumed: 'Consumed',
    imported: 'Imported',
    exported: 'Exported',
    produced: 'Produced',
    charged: 'Charged',
    discharged: 'Discharged',
  },
};

const ro: typeof en = {
  title: 'Canale',
  add: 'Adaugă un canal',
  addTitle: 'Canal nou',
  edit: (code) => `Editează canalul ${code}`,
  remove: 'Șterge canalul',
  removeTitle: (code) => `Ștergeți canalul ${code}?`,
  removeText: 'Citirile sale se păstrează și se văd din nou dacă se adaugă iar un canal cu acest cod.',
  code: 'Cod',
  codeHint: 'Numele din mesaje: a–z, 0–9, _ și -.',
  name: 'Nume',
  quantity: 'Mărime',
  flow: 'Sens',
  intervalHint: 'Lăsați gol pentru intervalul dispozitivului.',
  wrapsHint: 'Valoarea după care registrul reîncepe de la 0.',
  maxPower: 'Maximum pe oră (kWh sau m³)',
  negative: 'Citirile negative merg la',
  nowhere: 'nicăieri',
  quantities: {
    electricity: 'Energie electrică (kWh)',
    heat: 'Căldură (kWh)',
    cooling: 'Răcire (kWh)',
    gas: 'Gaz (m³)',
    water: 'Apă (m³)',
  },
  flows: {
    consumed: 'Consumat',
    imported: 'Importat',
    exported: 'Exportat',
    produced: 'Produs',
    charged: 'Încărcat',
    discharged: 'Descărcat',
  },
};

export const channelMessages = { en, ro }[language];
