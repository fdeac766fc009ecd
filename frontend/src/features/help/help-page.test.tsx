import { screen, waitFor } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';

beforeAll(() => import('./help-page'));

const headings = () => screen.getAllByRole('heading', { level: 2 }).map(({ textContent }) => textContent);

it('a client finds help in the user menu, with a link to the API reference', async () => {
  const user = await openApp('/help');
  await screen.findByRole('heading', { name: 'Help' });
  expect(headings()).not.toContain('For administrators');
  expect(screen.getByRole('link', { name: 'API reference' }).getAttribute('href')).toBe('/api/docs/');
  expect(screen.queryByRole('link', { name: 'Administration of the services' })).toBeNull();

  await user.click(screen.getByTestId('user-menu'));
  expect((await screen.findByTestId('help')).getAttribute('href')).toBe('/help');
});

it('an administrator reads about incoming data, the format of messages and operating too', async () => {
  await openApp('/help', ADMIN);
  await screen.findByRole('heading', { name: 'Help' });
  for (const title of ['For administrators', 'Sending readings', 'Operating']) expect(headings()).toContain(title);
  expect(screen.getByRole('link', { name: 'Administration of the services' }).getAttribute('href')).toBe('/admin/');
});

it('the mark beside a figure explains it, gives the focus back, and leads to its entry in Help', async () => {
  serveEnergy([aMonitoredDevice()], () => 0.25);
  const user = await openApp('/energy?date=2026-02-10');
  await user.click(await screen.findByRole('button', { name: 'Help: Average per hour' }));
  const note = await screen.findByRole('dialog', { name: 'Average per hour' });
  expect(note.textContent).toContain('An unknown hour is left out');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(document.activeElement).toBe(screen.getByTestId('help-average'));

  await user.click(screen.getByTestId('help-average'));
  await user.click(await screen.findByRole('link', { name: 'More in Help' }));
  await screen.findByRole('heading', { name: 'Help' });
  expect(document.getElementById('average')?.dataset.shown).toBe('true');
});
