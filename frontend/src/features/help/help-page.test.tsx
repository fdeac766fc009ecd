import { screen } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
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

it('an administrator reads about incoming data too', async () => {
  await openApp('/help', ADMIN);
  await screen.findByRole('heading', { name: 'Help' });
  expect(headings()).toContain('For administrators');
  expect(screen.getByRole('link', { name: 'Administration of the services' }).getAttribute('href')).toBe('/admin/');
});
