import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { ImportReport } from '@/lib/transport/admin-types';
import { openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';
import { rows } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

beforeAll(() => import('../list/devices-page'));

const HEADER = 'name,device_type,serial_number\n';
const RIGHT = 'Roof,sub_meter,SN-1\nCellar,sub_meter,SN-2\n';

const TOASTER = { column: 'device_type', value: 'toaster', code: 'invalid_choice', message: 'Use one of: smart_meter, sub_meter.' };

type Request = { dryRun: string | null; type: string | null; text: string };

/** Answer imports as the service does: a row with the type "toaster" is rejected, and with it the file. */
function serveImports() {
  const requests: Request[] = [];
  answer('/api/devices/', () => pageOf([]));
  answer('/api/users/', () => pageOf([]));
  server.use(
    http.post('/api/devices/import/', async ({ request }) => {
      const dryRun = new URL(request.url).searchParams.get('dry_run');
      const text = await request.text();
      requests.push({ dryRun, type: request.headers.get('content-type'), text });
      const lines = text.trim().split('\n').slice(1);
      const report: ImportReport['report'] = lines.map((line, index) => {
        const serial = line.split(',')[2] ?? '';
        return line.includes('toaster')
          ? { line: index + 2, serial_number: serial, result: 'refused', problems: [TOASTER] }
          : { line: index + 2, serial_number: serial, result: dryRun === 'true' ? 'valid' : 'created', status: 'deployed', assigned_to: ['maria'] };
      });
      const rejected = report.filter(({ result }) => result === 'refused').length;
      const answered: ImportReport = {
        dry_run: dryRun === 'true',
        rows: report.length,
        refused: rejected,
        created: dryRun === 'true' || rejected > 0 ? 0 : report.length,
        statuses: { deployed: report.length - rejected },
        assigned: report.length - rejected,
        ignored_columns: text.includes('created_at') ? ['created_at'] : [],
        report,
      };
      return HttpResponse.json(answered, { status: rejected > 0 ? 400 : 200 });
    }),
  );
  return requests;
}

async function openImport() {
  const user = await openApp('/manage/devices', ADMIN);
  await user.click(await screen.findByTestId('device-import'));
  const choose = async (text: string) =>
    user.upload(await screen.findByTestId('import-file'), new File([text], 'devices.csv', { type: 'text/csv' }));
  return { user, choose };
}

const summary = async () => (await screen.findByTestId('import-summary')).textContent;
const commit = () => screen.getByTestId<HTMLButtonElement>('import-commit');

it('a file with a rejected row names its line and reason, and cannot be imported', async () => {
  const requests = serveImports();
  const { choose } = await openImport();

  await choose(`${HEADER}${RIGHT}Broken,toaster,SN-3\n`);

  expect(await summary()).toContain('2 rows are valid, 1 row is rejected');
  expect((await rows('import-report'))[0]).toEqual(['Line 4', 'SN-3', 'Rejected', 'device_type “toaster”: Use one of: smart_meter, sub_meter, sensor, gateway, actuator, other.']);
  expect(commit().disabled).toBe(true);
  expect(requests.map(({ dryRun }) => dryRun)).toEqual(['true']);
});

it('a right file is stored only after its report was seen', async () => {
  const requests = serveImports();
  const { user, choose } = await openImport();
  await choose(`${HEADER}Broken,toaster,SN-3\n`);
  expect(await summary()).toContain('1 row is rejected');

  await choose(HEADER + RIGHT);
  await waitFor(async () => expect(await summary()).toContain('2 rows are valid · Nothing is saved yet.'));
  expect(requests.map(({ dryRun }) => dryRun)).toEqual(['true', 'true']);
  expect(commit().textContent).toBe('Import 2 devices');
  await user.click(commit());

  expect((await screen.findByTestId('done')).textContent).toBe('2 devices imported.');
  expect(screen.queryByTestId('import-file')).toBeNull();
  expect(requests.at(-1)).toEqual({ dryRun: 'false', type: 'text/csv', text: HEADER + RIGHT });
});

it('the report says which status and which user each device gets, and which columns are left out', async () => {
  serveImports();
  const { choose } = await openImport();

  await choose(`${HEADER.trim()},created_at\n${RIGHT}`);

  expect((await rows('import-report'))[0]).toEqual(['Line 2', 'SN-1', expect.anything(), 'Deployed, assigned to maria']);
  expect(screen.getByTestId('import-effects').textContent).toBe('2 × Deployed · 2 devices assigned');
  expect(screen.getByTestId('import-ignored').textContent).toContain('created_at');
});

it('the corrected file of the same name is checked again when it is chosen again', async () => {
  const requests = serveImports();
  const { choose } = await openImport();
  await choose(`${HEADER}Broken,toaster,SN-3\n`);
  await waitFor(() => expect(requests).toHaveLength(1));

  // A browser reports a choice only if the field's value differs, and the value is the file's name.
  expect(screen.getByTestId<HTMLInputElement>('import-file').value).toBe('');
  expect(await screen.findByText('File: devices.csv')).toBeTruthy();
});

it('a file that is no table is rejected as a whole, with the service’s reason', async () => {
  serveImports();
  server.use(http.post('/api/devices/import/', () => problem(400, 'invalid', { errors: { file: ['The header lacks serial_number.'] } })));
  const { choose } = await openImport();

  await choose('nonsense');

  expect((await screen.findByTestId('form-error')).textContent).toBe('The header lacks serial_number.');
  expect(screen.queryByTestId('import-summary')).toBeNull();
  expect(commit().disabled).toBe(true);
});
