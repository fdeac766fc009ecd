import { ta } from '@/lib/i18n/admin';
import { ti } from '@/lib/i18n/admin/ingestion';
import type { SecurityEvent } from '@/lib/transport/admin-types';

/** Who acted. Nobody from nowhere is the platform itself; from an address it is somebody who proved nothing. */
export function actorOf({ actor_name: name, address }: Pick<SecurityEvent, 'actor_name' | 'address'>): string {
  if (name !== '') return name;
  return address === null ? ta.nobody : ti.security.unknown;
}

/** What an event says besides, in words: "reason: wrong password". */
export function detailsOf(details: Record<string, unknown>): string {
  const { names, values } = ti.security;
  return Object.entries(details)
    .map(([name, value]) => {
      const said = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${names[name] ?? name}: ${values[said] ?? said}`;
    })
    .join(', ');
}
