import { MantineProvider } from '@mantine/core';
import { render, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { ThemeColor } from './theme-color';

it.each([
  ['dark', '#171c22'],
  ['light', '#ffffff'],
] as const)('the browser’s bars follow the theme %s, whatever the system prefers', async (theme, colour) => {
  document.head.innerHTML = '<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#123456">';
  render(
    <MantineProvider env="test" forceColorScheme={theme}>
      <ThemeColor />
    </MantineProvider>,
  );
  await waitFor(() => expect(document.querySelector<HTMLMetaElement>('meta[name="theme-color"]')?.content).toBe(colour));
});
