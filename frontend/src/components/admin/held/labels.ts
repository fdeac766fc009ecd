// A held rise in words: its energy, and its time in the zone of the device.
import type { HeldJump } from '@/lib/api/monitoring';
import { dayOf, knownZone } from '@/lib/energy/days';
import { heldMessages } from '@/lib/i18n/admin/held';
import { clock, clockSeconds, dayMedium, exact } from '@/lib/labels/format';

/** "500 kWh" */
export const energyOf = ({ energy, unit }: HeldJump): string => `${exact(energy)} ${unit}`;

/** "Tue 10 Mar 2026, 12:10 to 12:20"; the second day is named if it is another one, seconds if there are any. */
export function periodOf(jump: HeldJump): string {
  const zone = knownZone(jump.timezone);
  const [start, end] = [Date.parse(jump.start), Date.parse(jump.end)];
  const time = start % 60_000 === 0 && end % 60_000 === 0 ? clock : clockSeconds;
  const [first, last] = [dayOf(start, zone), dayOf(end, zone)];
  const until = first === last ? time(end, zone) : `${dayMedium(last)}, ${time(end, zone)}`;
  return heldMessages.period(`${dayMedium(first)}, ${time(start, zone)}`, until);
}

/** The address of the day on which the rise ends. */
export const dayLink = (jump: HeldJump): string =>
  `/energy?${new URLSearchParams({ device: jump.device_id, date: dayOf(jump.end, knownZone(jump.timezone)) }).toString()}`;
