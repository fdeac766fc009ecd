// The errors of a rejected form: of each field, and of fields that the form does not have.
import { ApiError } from './http';

export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(Object.entries(error.fields).map(([field, messages]) => [field, messages.join(' ')]));
}

/** Return the errors of fields that the form does not have: without them a rejection would have no reason. */
export function otherErrors(error: unknown, fields: readonly string[]): string[] {
  const all = fieldErrors(error);
  return Object.entries(all).flatMap(([field, messages]) => (fields.includes(field) ? [] : [messages]));
}
