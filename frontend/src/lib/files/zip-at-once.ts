// fflate without workers: its `zip` starts them from a blob: address, which the content security policy forbids.
// vite.config.ts puts this module in the place of fflate, for write-excel-file.
import { zipSync, type Zippable } from 'fflate/browser';

export * from 'fflate/browser';

export function zip(files: Zippable, done: (error: Error | null, archive: Uint8Array) => void): void {
  done(null, zipSync(files));
}
