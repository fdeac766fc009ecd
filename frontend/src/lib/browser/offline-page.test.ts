import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PUBLIC = join(process.cwd(), 'public');
const text = (name: string) => readFileSync(join(PUBLIC, name), 'utf8');
const worker = text('sw.js');
const files = [...(/FILES = \[(.*)\]/.exec(worker)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(([, path]) => path ?? '');

it('the cache of the offline page is a new one when one of its files has changed', () => {
  expect(files.length).toBeGreaterThan(3);
  const hash = createHash('sha256').update(files.map(text).join('')).digest('hex').slice(0, 8);
  expect(worker).toContain(`const CACHE = 'offline-${hash}'`);
});

it('everything that the offline page loads is kept with it', () => {
  const loaded = [...text('offline.html').matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
  expect(loaded.filter((path) => !files.includes(path ?? ''))).toEqual([]);
});

it('the icons of the manifest exist in the sizes that it names', () => {
  const { icons } = JSON.parse(text('manifest.webmanifest')) as { icons: { src: string; type: string; sizes: string }[] };
  const pictures = icons.filter(({ type }) => type === 'image/png');
  expect(pictures).toHaveLength(3);
  const measured = pictures.map(({ src }) => {
    const png = readFileSync(join(PUBLIC, src));
    return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
  });
  expect(measured).toEqual(pictures.map(({ sizes }) => sizes));
});
