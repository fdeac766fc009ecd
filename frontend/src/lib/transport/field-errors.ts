// A refused form: which sentence belongs under which field, and which to none.
import { ApiError } from './http';

export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(Object.entries(error.fields).map(([field, said]) => [field, said.join(' ')]));
}

/** The sentences about fields that the form does not show; they must not get lost. */
export function otherErrors(error: unknown, shown: readonly string[]): string[] {
  const all = fieldErrors(error);
  return Object.entries(all).flatMap(([field, said]) => (shown.includes(field) ? [] : [said]));
}
