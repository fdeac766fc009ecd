// Writes src/lib/api/: the types of the services' answers from their OpenAPI schemas, and the types and checks of live
// frames from the schema in packages/energy_contracts.
//   node scripts/api-types.mjs FOLDER [--check]
// FOLDER has auth_service.json, device_service.json and monitoring_service.json, as `manage.py spectacular`
// writes them. --check writes nothing and fails when a file differs from its schema.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import openapiTS, { astToString } from 'openapi-typescript';

const standaloneCode = standalone.default;
const SERVICES = ['auth', 'device', 'monitoring'];
const target = join(import.meta.dirname ?? '.', '..', 'src', 'lib', 'api');
const [folder, option] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/api-types.mjs FOLDER [--check]');

const HEAD = `// Made from the service's OpenAPI schema by scripts/api-types.mjs; not written by hand.
`;

/** Shapes alone: routes are few and named where they are called, and words change more often than shapes. */
function shapes(schema) {
  const { openapi, info, components } = schema;
  return JSON.parse(JSON.stringify({ openapi, info, paths: {}, components: { schemas: components.schemas } }), withoutText);
}

/** Leave the descriptions out, which are no part of a shape and would be weight in the browser. */
const withoutText = (key, value) => (key === 'description' && typeof value === 'string' ? undefined : value);

const OPTIONS = { alphabetize: true, rootTypes: true, rootTypesNoSchemaPrefix: true, silent: true };

mkdirSync(target, { recursive: true });
const stale = [];

function put(name, text) {
  const path = join(target, name);
  if (option !== '--check') writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(`src/lib/api/${name}`);
}

async function makeService(service) {
  const schema = JSON.parse(readFileSync(join(folder, `${service}_service.json`), 'utf8'));
  put(`${service}.ts`, HEAD + astToString(await openapiTS(shapes(schema), OPTIONS)));
}

const FRAMES = join(import.meta.dirname ?? '.', '../../packages/energy_contracts/schemas/live_frame.schema.json');
const FRAMES_HEAD = `// Made from packages/energy_contracts/schemas/live_frame.schema.json by scripts/api-types.mjs; not written by hand.
`;
/** An instant that Date.parse() reads; of an id only that it is text. */
const FORMATS = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, uuid: true };

/** A part of a schema with the definitions in place of the references to them. */
function withoutRefs(part, definitions) {
  if (Array.isArray(part)) return part.map((each) => withoutRefs(each, definitions));
  if (part === null || typeof part !== 'object') return part;
  if (part.$ref !== undefined) return withoutRefs(definitions[part.$ref.split('/').at(-1)], definitions);
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withoutRefs(value, definitions)]));
}

/** One check for each type of frame: a type that is not known yet is no error. */
async function makeFrames() {
  const schema = JSON.parse(readFileSync(FRAMES, 'utf8'), withoutText);
  const ajv = new Ajv2020({ code: { source: true, esm: true }, formats: FORMATS, messages: false, strict: false });
  const names = Object.fromEntries(Object.entries(schema.discriminator.mapping).map(([type, ref]) => [type, ref.split('/').at(-1)]));
  const exported = Object.fromEntries(
    Object.values(names).map((name) => {
      ajv.addSchema(withoutRefs(schema.$defs[name], schema.$defs), name);
      return [`is${name}`, name];
    }),
  );
  const checks = Object.entries(names).map(([type, name]) => `  ${type}: is${name},\n`);
  put('live-frames.js', `${FRAMES_HEAD}${standaloneCode(ajv, exported)}\nexport const frameChecks = {\n${checks.join('')}};\n`);

  const openapi = { openapi: '3.1.0', info: { title: '', version: '' }, paths: {}, components: { schemas: withoutRefs(schema.$defs, schema.$defs) } };
  const types = Object.entries(names).map(([type, name]) => `  ${type}: Check<components['schemas']['${name}']>;\n`);
  const declared = `export type Check<T> = ((frame: unknown) => frame is T) & { errors?: { instancePath: string; keyword: string }[] | null };
export const frameChecks: {\n${types.join('')}};
`;
  put('live-frames.d.ts', FRAMES_HEAD + astToString(await openapiTS(shapes(openapi), OPTIONS)) + declared);
}

await Promise.all([...SERVICES.map(makeService), makeFrames()]);
if (stale.length > 0) {
  process.stderr.write(`${stale.join(', ')}: not as the schema has it. Run, in frontend/:\n  npm run api-types -- ${folder}\n`);
  process.exitCode = 1;
}
