import { cleanup, screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { anUpdate, aDay } from '@/testing/days';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy, type KwhAt } from '@/testing/energy-server';
import { inAddress, openApp, push } from '@/testing/open-app';
import { figureOf } from '@/testing/screen';

type Channel = MonitoredDevice['channels'][number];

const DEVICE = aMonitoredDevice({ max_consumption: 5 });
const state = {
  interval_seconds: 600,
  reading_kind: 'interval',
  first_hour: '2026-01-01T00:00:00Z',
  last_reading_at: '2026-03-20T15:20:00Z',
  last_reading_value: 0.1,
  today_consumption: null,
  state: 'live' as const,
  silent: false,
};
const MAIN: Channel = { ...state, code: 'main', name: '', quantity: 'electricity', unit: 'kWh', flow: 'imported' };
const EXPORT: Channel = { ...MAIN, code: 'export', flow: 'exported' };
const GAS: Channel = { ...MAIN, code: 'gas', quantity: 'gas', unit: 'm³', flow: 'consumed' };
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
