import { MantineProvider, Menu } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { useMenuEscape } from './use-menu-escape';

function Page() {
  useMenuEscape();
  return (
    <MantineProvider>
      <Menu>
        <Menu.Target>
          <button type="button">More</button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item>Edit</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </MantineProvider>
  );
}

it('closes a menu by an Escape that comes before the menu has the focus', async () => {
  render(<Page />);
  const button = screen.getByRole('button', { name: 'More' });
  await userEvent.click(button);
  expect(button.getAttribute('aria-expanded')).toBe('true');

  fireEvent.keyDown(button, { key: 'Escape' });
  expect(button.getAttribute('aria-expanded')).toBe('false');

  fireEvent.keyDown(button, { key: 'Escape' });
  expect(button.getAttribute('aria-expanded')).toBe('false');
});
