import { adminMessages } from '@/lib/i18n/admin';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import type { SecurityEvent } from '@/lib/transport/admin-types';

/** Return the name of the actor. An event without a name is the platform's, or with an address that of a user who is not logged in. */
export function actorOf({ actor_name: name, address }: Pick<SecurityEvent, 'actor_name' | 'address'>): string {
  if (name !== '') return name;
  return address === null ? adminMessages.nobody : ingestionMessages.security.unknown;
}

/** Return the further fields of an event in words: "reason: wrong password". */
export function detailsOf(details: Record<string, unknown>): string {
  const { names, values } = ingestionMessages.security;
  return Object.entries(details)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${names[name] ?? name}: ${values[text] ?? text}`;
    })
    .join(', ');
}
