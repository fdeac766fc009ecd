import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aMonitoredChannel, aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { inAddress, openApp } from '@/testing/open-app';
import { choose, figureOf, rows } from '@/testing/screen';
import { answer, http, problem, server } from '@/testing/server';

const FLAT = aMonitoredDevice({ name: 'Flat' });
const WORKSHOP = aMonitoredDevice({ name: 'Workshop', device_id: '5c189959-e674-4eaa-8ebb-98fd953657c5' });
const FEBRUARY = 'date=2026-02-10&period=month';

// The page loads these late; here they are loaded before a test waits for them.
beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

/** 6 kWh a day in the flat, 2.4 in the workshop. */
const serveBoth = () => serveEnergy([FLAT, WORKSHOP], (_, id) => (id === FLAT.device_id ? 0.25 : 0.1));

const total = (kwh: string) => waitFor(async () => expect(await figureOf('summary-total')).toBe(kwh));
const chips = () => screen.findAllByTestId('device-chip');
const chip = async (name: string) => {
  const chosen = (await chips()).find(({ textContent }) => textContent?.startsWith(name));
  if (chosen === undefined) throw new Error(`no ${name} in the legend`);
  return chosen;
};
const drawnDevices = () => new Set(screen.getAllByTestId('slot-bar').map(({ dataset }) => dataset.device));

it('all devices are chosen in the list and stack to their sum, each named in the legend', async () => {
  serveBoth();
  const user = await openApp(`/energy?device=${FLAT.device_id}&${FEBRUARY}`);
  await total('168');

  await choose(user, 'device-selector', 'All my devices');

  await total('235.2');
  expect((await chips()).map(({ textContent }) => textContent)).toEqual(['Flat168', 'Workshop67.2']);
  expect(drawnDevices()).toEqual(new Set([FLAT.device_id, WORKSHOP.device_id]));
  expect((await rows('slot-table'))[0]).toEqual(['Sun 1 Feb', '8.40', '6.00', '2.40']);
  expect(inAddress('device')).toBe('all');
});

it('devices that measure gas or exported electricity are named beside the total and not added', async () => {
  const gas = aMonitoredDevice({
    name: 'Boiler',
    device_id: '6c189959-e674-4eaa-8ebb-98fd953657c5',
    channels: [aMonitoredChannel({ quantity: 'gas', unit: 'm³' })],
  });
  const roof = aMonitoredDevice({
    name: 'Roof',
    device_id: '7c189959-e674-4eaa-8ebb-98fd953657c5',
    channels: [aMonitoredChannel({ flow: 'exported' })],
  });
  serveEnergy([FLAT, WORKSHOP, gas, roof], (_, id) => (id === FLAT.device_id ? 0.25 : 0.1));

  await openApp(`/energy?device=all&${FEBRUARY}`);

  await total('235.2');
  await screen.findByText('Not in the total (no used electricity): Boiler, Roof');
  expect((await chips()).map(({ textContent }) => textContent)).toEqual(['Flat168', 'Workshop67.2']);
});

it('a press on the legend takes a device out of the sum, and a second press puts it back', async () => {
  serveBoth();
  const user = await openApp(`/energy?device=all&${FEBRUARY}`);
  await total('235.2');

  await user.click(await chip('Workshop'));
  await total('168');
  expect((await chip('Workshop')).getAttribute('aria-pressed')).toBe('false');
  expect(drawnDevices()).toEqual(new Set([FLAT.device_id]));
  expect(inAddress('hide')).toBe(WORKSHOP.device_id);

  await user.click(await chip('Workshop'));
  await total('235.2');
  expect(inAddress('hide')).toBeNull();
});

it('an address with a hidden device opens without it', async () => {
  serveBoth();
  await openApp(`/energy?device=all&${FEBRUARY}&hide=${FLAT.device_id}`);

  await total('67.2');
  expect((await chip('Flat')).getAttribute('aria-pressed')).toBe('false');
});

it('a device that cannot be read is named, and the sum is that of the others', async () => {
  serveBoth();
  server.use(
    http.get('/api/monitoring/series/', ({ request }) =>
      new URL(request.url).searchParams.get('device_id') === WORKSHOP.device_id ? problem(400, 'invalid') : undefined,
    ),
  );
  await openApp(`/energy?device=all&${FEBRUARY}`);

  await total('168');
  expect(await screen.findByText(/Not included in the total \(could not be loaded\): Workshop/)).toBeTruthy();
});

const flatsOf = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aMonitoredDevice({ name: `Flat ${index}`, device_id: `4c189959-e674-4eaa-8ebb-98fd9536${String(index).padStart(4, '0')}` }),
  );

it('more devices than a page of the list has are added up, ranked and compared on request', async () => {
  const flats = flatsOf(30);
  serveEnergy(flats, () => 0.25);
  answer('/api/monitoring/devices/', (query) => {
    const begin = 20 * (Number(query.get('page') ?? 1) - 1);
    const next = begin + 20 < flats.length ? '/api/monitoring/devices/?page=2' : null;
    return { count: flats.length, next, previous: null, results: flats.slice(begin, begin + 20) };
  });
  const starts: (string | null)[] = [];
  const resolutions = new Set<string | null>();
  answer('/api/monitoring/series/', (query) => {
    starts.push(query.get('start'));
    resolutions.add(query.get('resolution'));
    return undefined;
  });
  const user = await openApp(`/energy?device=all&${FEBRUARY}`);

  await total(String(30 * 168));
  expect(await screen.findAllByTestId('ranked')).toHaveLength(30);
  expect(await chips()).toHaveLength(6);
  // Neither another month nor hours are read before somebody asks for them.
  expect([new Set(starts).size, [...resolutions]]).toEqual([1, ['day']]);
  expect(screen.queryByTestId('heat-map')).toBeNull();

  await user.click(await screen.findByTestId('compare-switch'));
  await waitFor(() => expect(screen.getByTestId('summary-total').textContent).toContain('About the same as January'));
});

it('more devices than are added up are said in the list and at an address of all, with the next step', async () => {
  serveEnergy(flatsOf(201), () => 0.25);
  const user = await openApp(`/energy?device=all&${FEBRUARY}`);

  expect((await screen.findByTestId('too-many')).textContent).toContain('Up to 200 devices are added up, and you have 201 devices.');
  await user.click(screen.getByTestId('device-selector'));
  const all = await screen.findByRole('option', { name: /All my devices/ });
  expect(all.textContent).toContain('For up to 200 devices. Choose one of them.');
  expect(all.getAttribute('aria-disabled') ?? all.dataset.comboboxDisabled).toBe('true');
  await user.click(await screen.findByText('Flat 3'));
  await total('168');
});

it('the ranking names every device, also those that share a colour in the chart', async () => {
  const flats = Array.from({ length: 8 }, (_, index) =>
    aMonitoredDevice({ name: `Flat ${index}`, device_id: `4c189959-e674-4eaa-8ebb-98fd9536000${index}` }),
  );
  serveEnergy(flats, (_, id) => (Number(id.at(-1)) + 1) / 8);
  await openApp(`/energy?device=all&${FEBRUARY}`);

  await total('3024');
  expect((await screen.findAllByTestId('ranked')).map(({ textContent }) => textContent)).toEqual([
    'Flat 767222%', 'Flat 658819%', 'Flat 550417%', 'Flat 442014%', 'Flat 333611%', 'Flat 22528%', 'Flat 11686%', 'Flat 084.03%',
  ]);
  expect(await chips()).toHaveLength(6);
});
