// Weighs what the browser loads first and what follows, gzipped, and fails above the budget.
// Run after `npm run build`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = join(import.meta.dirname ?? '.', '..', 'dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

/** KB gzipped. */
const BUDGET = { 'first route, JavaScript': 227, 'charts, JavaScript': 11, 'first route, CSS': 19 };

const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

/** Every chunk that `entry` needs before it can run. */
function closure(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const dependency of manifest[entry].imports ?? []) closure(dependency, seen);
  return seen;
}

const keyOf = (end) => {
  const key = Object.keys(manifest).find((name) => name.endsWith(end));
  if (key === undefined) throw new Error(`no chunk for ${end}: has the file been renamed?`);
  return key;
};

const sum = (chunks, kind) => {
  const files = new Set();
  for (const chunk of chunks) {
    if (kind === 'js') files.add(manifest[chunk].file);
    else for (const css of manifest[chunk].css ?? []) files.add(css);
  }
  return [...files].reduce((total, file) => total + size(file), 0) / 1000;
};

const shell = closure(keyOf('index.html'));
const energy = new Set([...shell, ...closure(keyOf('energy-page.tsx'))]);
const login = new Set([...shell, ...closure(keyOf('login-page.tsx'))]);
const charts = [...closure(keyOf('period-charts.tsx'))].filter((chunk) => !energy.has(chunk));
const calendar = [...closure(keyOf('day-calendar.tsx'))].filter((chunk) => !energy.has(chunk));

const measured = {
  'first route, JavaScript': sum(energy, 'js'),
  'first route, CSS': sum(energy, 'css'),
  'login alone, JavaScript': sum(login, 'js'),
  'charts, JavaScript': sum(charts, 'js'),
  'calendar, JavaScript': sum(calendar, 'js'),
};

let over = false;
for (const [what, kb] of Object.entries(measured)) {
  const limit = BUDGET[what];
  const failed = limit !== undefined && kb > limit;
  over ||= failed;
  const allowed = limit === undefined ? '' : `  of ${limit}${failed ? '  OVER' : ''}`;
  process.stdout.write(`${what.padEnd(26)} ${kb.toFixed(1).padStart(7)} KB gz${allowed}\n`);
}
process.exitCode = over ? 1 : 0;
