import { render, screen } from '@testing-library/react';
import { Component, type ReactNode } from 'react';
import { expect, it, vi } from 'vitest';
import { loadedOnce } from './use-loaded';

class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    return this.state.failed ? <p>failed</p> : this.props.children;
  }
}

function show(usePart: () => string | null) {
  const Part = () => <p>{usePart() ?? 'loading'}</p>;
  return render(
    <Boundary>
      <Part />
    </Boundary>,
  );
}

it('a part is loaded once, and shown at once where it is used again', async () => {
  const load = vi.fn<() => Promise<string>>(async () => 'here');
  const usePart = loadedOnce(load);
  expect(load).not.toHaveBeenCalled();

  const first = show(usePart);
  expect(screen.getByText('loading')).toBeTruthy();
  expect(await screen.findByText('here')).toBeTruthy();
  first.unmount();

  show(usePart);
  expect(screen.getByText('here')).toBeTruthy();
  expect(load).toHaveBeenCalledTimes(1);
});

it('a part that cannot be loaded is an error of the drawing', async () => {
  // React writes the error to the console.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  show(loadedOnce<string>(() => Promise.reject(new TypeError('not loaded'))));
  expect(await screen.findByText('failed')).toBeTruthy();
});
