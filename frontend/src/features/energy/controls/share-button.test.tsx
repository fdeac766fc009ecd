import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { ShareButton } from './share-button';

function show() {
  const user = userEvent.setup();
  render(
    <MantineProvider env="test">
      <ShareButton title="Heat pump, March 2026" />
    </MantineProvider>,
  );
  return user;
}

function withSystemMenu(share: (link: ShareData) => Promise<void>) {
  Object.defineProperty(navigator, 'share', { value: share, configurable: true });
  Object.defineProperty(navigator, 'canShare', { value: () => true, configurable: true });
}

afterEach(() => {
  vi.restoreAllMocks();
  Reflect.deleteProperty(navigator, 'share');
  Reflect.deleteProperty(navigator, 'canShare');
});

it('the system’s menu gets the title and the address of the view', async () => {
  const share = vi.fn<(link: ShareData) => Promise<void>>(async () => undefined);
  withSystemMenu(share);
  const user = show();
  await user.click(screen.getByTestId('share'));
  expect(share).toHaveBeenCalledWith({ title: 'Heat pump, March 2026', url: location.href });
  expect(screen.queryByText('Link copied.')).toBeNull();
});

it('a system’s menu that is closed copies nothing', async () => {
  withSystemMenu(() => Promise.reject(new DOMException('closed', 'AbortError')));
  const user = show();
  await user.click(screen.getByTestId('share'));
  expect(screen.queryByText('Link copied.')).toBeNull();
});

it('without such a menu the link is copied, and the page says so', async () => {
  const user = show();
  await user.click(screen.getByTestId('share'));
  expect((await screen.findByTestId('shared')).textContent).toContain('Link copied.');
  expect(await navigator.clipboard.readText()).toBe(location.href);
});

it('without a clipboard the link is shown, selected', async () => {
  const user = show();
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('no clipboard'));
  await user.click(screen.getByTestId('share'));
  expect((await screen.findByLabelText<HTMLInputElement>('Copy this link')).value).toBe(location.href);
});
