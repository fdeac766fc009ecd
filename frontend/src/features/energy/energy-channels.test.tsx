import { cleanup, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { anUpdate, aDay } from '@/testing/days';
import { aMonitoredChannel, aMonitoredDevice } from '@/testing/devices';
import { serveEnergy, type KwhAt } from '@/testing/energy-server';
import { inAddress, openApp, push } from '@/testing/open-app';
import { figureOf } from '@/testing/screen';

const DEVICE = aMonitoredDevice({ max_consumption: 5 });
const MAIN = aMonitoredChannel();
const EXPORT = aMonitoredChannel({ code: 'export', flow: 'exported' });
const GAS = aMonitoredChannel({ code: 'gas', quantity: 'gas', unit: 'm³', flow: 'consumed' });
const HOUSE = { ...DEVICE, channels: [MAIN, EXPORT, GAS] };
const DAY = `/energy?device=${DEVICE.device_id}&date=2026-03-10`;

/** 1 kWh is imported each hour, and 0.25 kWh exported. */
const flows: KwhAt = (_, series) => (series === `${DEVICE.device_id}/export` ? 0.25 : 1);

beforeAll(() => Promise.all([import('./energy-page'), import('./period/period-charts'), import('./period/period-heat')]));

it('a device with several channels shows main, and the one that is chosen, never their sum', async () => {
  serveEnergy([HOUSE], flows);
  const user = await openApp(DAY);
  expect(await figureOf('summary-total')).toBe('24');

  const choice = await screen.findByRole('combobox', { name: 'Channel' });
  expect([...choice.querySelectorAll('option')].map((option) => option.textContent)).toEqual(['Imported', 'Exported, export']);
  await user.selectOptions(choice, 'export');

  await waitFor(async () => expect(await figureOf('summary-total')).toBe('6'));
  expect(inAddress('channel')).toBe('export');
  await waitFor(() => expect(document.title).toContain('Heat pump, Exported, export'));
  await user.selectOptions(choice, 'main');
  await waitFor(async () => expect(await figureOf('summary-total')).toBe('24'));
  expect(inAddress('channel')).toBeNull();
});

it('a link opens its channel, which is shown again by an address without a device', async () => {
  serveEnergy([HOUSE], flows);
  await openApp(`${DAY}&channel=export`);
  expect(await figureOf('summary-total')).toBe('6');
  cleanup();

  await openApp('/energy');
  await waitFor(() => expect(inAddress('channel')).toBe('export'));
});

it.each(['gas', 'gone'])('a link with the channel %s, which is not offered, shows main', async (channel) => {
  serveEnergy([HOUSE], flows);
  await openApp(`${DAY}&channel=${channel}`);

  expect(await figureOf('summary-total')).toBe('24');
});

it('a device of one channel has no choice', async () => {
  serveEnergy([DEVICE], flows);
  await openApp(DAY);
  await figureOf('summary-total');

  expect(screen.queryByTestId('channel-choice')).toBeNull();
});

it('a live hour of another channel leaves the shown one as it is', async () => {
  serveEnergy([HOUSE], flows);
  await openApp(`/energy?device=${DEVICE.device_id}&date=2026-03-20&channel=export`);
  expect(await figureOf('summary-total')).toBe('4');
  const day = aDay('2026-03-20', 'UTC', () => null);

  push(anUpdate(day, 3, 9));
  push({ ...anUpdate(day, 4, 0.75), channel: 'export' });

  await waitFor(async () => expect(await figureOf('summary-total')).toBe('4.5'));
});
