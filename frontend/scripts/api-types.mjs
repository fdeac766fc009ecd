// Writes src/lib/api/*.ts, the shapes of the services' answers, from their OpenAPI schemas:
//   node scripts/api-types.mjs FOLDER [--check]
// FOLDER has auth_service.json, device_service.json and monitoring_service.json, as `manage.py spectacular`
// writes them. --check writes nothing and fails when a file is not what its schema says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';

const SERVICES = ['auth', 'device', 'monitoring'];
const target = join(import.meta.dirname ?? '.', '..', 'src', 'lib', 'api');
const [folder, option] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/api-types.mjs FOLDER [--check]');

const HEAD = `// Made from the service's OpenAPI schema by scripts/api-types.mjs; not written by hand.
`;

/** Shapes alone: routes are few and named where they are called, and words change more often than shapes. */
function shapes(schema) {
  const { openapi, info, components } = schema;
  const bare = JSON.stringify({ openapi, info, paths: {}, components: { schemas: components.schemas } }, (key, value) =>
    key === 'description' && typeof value === 'string' ? undefined : value,
  );
  return JSON.parse(bare);
}

const OPTIONS = { alphabetize: true, rootTypes: true, rootTypesNoSchemaPrefix: true, silent: true };

mkdirSync(target, { recursive: true });
const stale = [];

async function make(service) {
  const schema = JSON.parse(readFileSync(join(folder, `${service}_service.json`), 'utf8'));
  const text = HEAD + astToString(await openapiTS(shapes(schema), OPTIONS));
  const path = join(target, `${service}.ts`);
  if (option !== '--check') writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) stale.push(`src/lib/api/${service}.ts`);
}

await Promise.all(SERVICES.map(make));
if (stale.length > 0) {
  process.stderr.write(`${stale.join(', ')}: not what the service says. Run, in frontend/:\n  npm run api-types -- ${folder}\n`);
  process.exitCode = 1;
}
