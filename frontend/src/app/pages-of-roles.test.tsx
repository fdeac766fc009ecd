import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { ADMIN } from '@/testing/people';

const links = () => screen.getAllByRole('link').flatMap((link) => (link.closest('nav') === null ? [] : [link.textContent]));

it.each(['users', 'devices', 'ingestion', 'security'])('the page of administrators /manage/%s does not exist for a client', async (page) => {
  await openApp(`/manage/${page}`);

  expect(await screen.findByText('This page does not exist.')).toBeTruthy();
  expect(links()).toEqual(['Energy']);
});

it('an administrator finds the pages of administrators in the navigation', async () => {
  serveEnergy([], () => null);
  await openApp('/energy', ADMIN);

  expect((await screen.findByTestId('no-devices')).textContent).toContain('Add a device first.');
  expect(links()).toEqual(['Energy', 'Devices', 'Users', 'Incoming data', 'Security']);
});

it('an unknown address leads back by the navigation', async () => {
  serveEnergy([], () => null);
  const user = await openApp('/nowhere');
  await screen.findByText('This page does not exist.');

  await user.click(screen.getByText('Energy', { selector: 'nav a' }));

  await screen.findByTestId('no-devices');
  await waitFor(() => expect(location.pathname).toBe('/energy'));
});

it('the former address /dashboard leads to the energy page', async () => {
  serveEnergy([], () => null);
  await openApp('/dashboard');

  await screen.findByTestId('no-devices');
  expect(location.pathname).toBe('/energy');
});
