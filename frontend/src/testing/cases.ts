// Cases that the services' tests read too.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../../../tests/fixtures');

/** Read one file of `tests/fixtures`. */
export function readCases<T>(file: string): T {
  return JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')) as T;
}

/** Read all files of a folder of `tests/fixtures`. */
export function readFolder<T>(folder: string): T[] {
  return readdirSync(join(FIXTURES, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => readCases<T>(`${folder}/${name}`));
}
