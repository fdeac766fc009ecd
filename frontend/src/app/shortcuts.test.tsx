import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { setShortcuts } from '@/lib/hooks/shortcuts';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';

const DEVICE = aMonitoredDevice();
const DAY = `/energy?device=${DEVICE.device_id}&date=2026-03-10`;

beforeAll(() => Promise.all([import('@/features/energy/energy-page'), import('./shortcuts-dialog')]));
beforeEach(() => setShortcuts(true));

const inAddress = (name: string) => new URLSearchParams(location.search).get(name);

async function openDay() {
  serveEnergy([DEVICE], () => 0.25);
  const user = await openApp(DAY);
  await screen.findByTestId('period-view');
  // Drawn after the bars; its keys work from then on.
  await screen.findByTestId('date-picker');
  return user;
}

it('the question mark opens the list of all shortcuts, and so does the user menu', async () => {
  const user = await openDay();
  await user.keyboard('?');
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  expect(within(dialog).getAllByTestId('shortcuts')).toHaveLength(3);
  expect(dialog.textContent).toContain('Chart or tablev');

  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Keyboard shortcuts' })).toBeNull());
  await user.click(screen.getByTestId('user-menu'));
  await user.click(await screen.findByTestId('shortcuts-list'));
  expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
});

it('single keys choose the period, today, the table and the device field', async () => {
  const user = await openDay();
  for (const [key, period] of [['w', 'week'], ['m', 'month'], ['y', 'year'], ['d', 'day']] as const) {
    await user.keyboard(key);
    await waitFor(() => expect(inAddress('period') ?? 'day').toBe(period));
  }
  await screen.findByLabelText('Table');
  await user.keyboard('v');
  await waitFor(() => expect(inAddress('view')).toBe('table'));
  await user.keyboard('t');
  await waitFor(() => expect(inAddress('date')).not.toBe('2026-03-10'));
  await user.keyboard('/');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('device-selector')));
});

it('keys that are typed into a field are no shortcuts', async () => {
  const user = await openDay();
  await user.click(screen.getByTestId('device-selector'));
  await user.keyboard('my?');
  expect(inAddress('period')).toBeNull();
  expect(screen.queryByRole('dialog', { name: 'Keyboard shortcuts' })).toBeNull();
});

it('shortcuts that are switched off in the list do nothing', async () => {
  const user = await openDay();
  await user.keyboard('?');
  await user.click(await screen.findByTestId('shortcuts-enabled'));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Keyboard shortcuts' })).toBeNull());

  await user.keyboard('m?');
  expect(inAddress('period')).toBeNull();
  expect(screen.queryByRole('dialog', { name: 'Keyboard shortcuts' })).toBeNull();
});

it('the keyboard meets one link to the energy page', async () => {
  const user = await openDay();
  const links = [];
  for (let step = 0; step < 4; step += 1) {
    await user.tab();
    links.push(document.activeElement?.textContent);
  }
  expect(links.filter((text) => text === 'Energy')).toEqual(['Energy']);
});
