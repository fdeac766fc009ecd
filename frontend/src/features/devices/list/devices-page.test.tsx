import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { Device } from '@/lib/transport/admin-types';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { aDevice, aListedDevice } from '@/testing/devices';
import { inAddress, openApp } from '@/testing/open-app';
import { ADMIN, anAccount, CLIENT } from '@/testing/people';
import { choose, errorBeside, heading, rows } from '@/testing/screen';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';

beforeAll(() => Promise.all([import('./devices-page'), import('../page/device-page')]));

function serveDevices(devices: Device[], monitored: MonitoredDevice[] = []) {
  answer('/api/users/', () => pageOf([anAccount(CLIENT)]));
  answer('/api/monitoring/devices/', () => pageOf(monitored));
  answer('/api/devices/', (query) => pageOf(devices.map((device) => aListedDevice(device)).filter(({ name, status }) => name.includes(query.get('search') ?? '') && status.includes(query.get('status') ?? ''))));
  for (const device of devices) {
    answer(`/api/devices/${device.id}/`, () => device);
    answer(`/api/devices/${device.id}/assignments/`, () => pageOf([]));
    answer(`/api/devices/${device.id}/meters/`, () => ({ count: 0, results: [] }));
    answer(`/api/devices/${device.id}/logs/`, () => pageOf([]));
  }
}

it('a new device is created with the typed values, and its page opens', async () => {
  serveDevices([]);
  const sent: unknown[] = [];
  server.use(
    http.post('/api/devices/', async ({ request }) => {
      sent.push(await request.json());
      const device = aDevice({ name: 'Flat 7', serial_number: 'SN-7' });
      serveDevices([device]);
      return HttpResponse.json(device, { status: 201 });
    }),
  );
  const user = await openApp('/manage/devices', ADMIN);
  expect(await screen.findByText('No devices yet')).toBeTruthy();

  await user.click(screen.getByTestId('device-create'));
  await user.click(await screen.findByTestId('dialog-submit'));
  expect(errorBeside(/^Name/)).toBe('This field is required.');
  expect(errorBeside(/^Serial number/)).toBe('This field is required.');
  expect(sent).toEqual([]);

  await user.type(screen.getByLabelText(/^Name/), 'Flat 7');
  await user.type(screen.getByLabelText(/^Serial number/), 'SN-7');
  await user.type(screen.getByLabelText(/^Limit per hour/), '2,5');
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(heading()).toBe('Flat 7'));
  expect(sent).toEqual([
    expect.objectContaining({ name: 'Flat 7', serial_number: 'SN-7', max_consumption: 2.5, device_type: 'smart_meter' }),
  ]);
});

it('fields that the service rejects have its reasons beside them', async () => {
  serveDevices([]);
  server.use(
    http.post('/api/devices/', () =>
      problem(400, 'invalid', { errors: { serial_number: ['Another device has it.'], timezone: ['“Mars” is not a time zone.'] } }),
    ),
  );
  const user = await openApp('/manage/devices', ADMIN);
  await user.click(await screen.findByTestId('device-create'));
  await user.type(await screen.findByLabelText(/^Name/), 'Flat 7');
  await user.type(screen.getByLabelText(/^Serial number/), 'SN-1');
  expect(screen.getByTestId('advanced').closest('details')?.open).toBe(false);
  await user.click(screen.getByTestId('dialog-submit'));

  await waitFor(() => expect(errorBeside(/^Serial number/)).toBe('Another device has it.'));
  expect(errorBeside(/^Time zone/)).toBe('“Mars” is not a time zone.');
  // The fold opens where a field below it is wrong.
  expect(screen.getByTestId('advanced').closest('details')?.open).toBe(true);
  expect(errorBeside(/^Name/)).toBe('');
  expect(location.pathname).toBe('/manage/devices');
});

it('the list shows what the search and the filter leave, and the address holds both', async () => {
  serveDevices([
    aDevice({ name: 'Flat 7', location: 'Lindenweg 7', status: 'deployed' }),
    aDevice({ id: '5c189959-e674-4eaa-8ebb-98fd953657c5', name: 'Workshop' }),
  ]);
  const user = await openApp('/manage/devices', ADMIN);
  expect((await rows('devices'))[0]?.slice(1, 7)).toEqual(['Flat 7', 'SN-1', 'Smart meter', 'Deployed', '—', 'Lindenweg 7']);

  await user.type(screen.getByTestId('search'), 'Work');
  await waitFor(async () => expect((await rows('devices')).map(([, name]) => name)).toEqual(['Workshop']));
  expect(inAddress('search')).toBe('Work');

  await choose(user, 'filter-status', 'Deployed');
  expect(await screen.findByText('No devices found')).toBeTruthy();
  expect(inAddress('status')).toBe('deployed');
});
