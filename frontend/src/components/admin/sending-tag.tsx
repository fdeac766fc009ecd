import { Tag, type Tone } from './tag';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import type { SendingState } from '@/lib/transport/admin-types';

const TONES: Record<SendingState, Tone> = { live: 'good', late: 'warn', silent: 'bad', never: 'plain' };

/** Whether a device sends as often as it should, in a word. */
export function SendingTag({ state }: { state: SendingState }) {
  return <Tag tone={TONES[state]}>{deviceMessages.states[state]}</Tag>;
}
