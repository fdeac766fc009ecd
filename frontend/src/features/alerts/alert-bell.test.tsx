import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, expect, it, vi } from 'vitest';
import type { AlertFrame } from '@/lib/transport/api-types';
import { live, type LiveListener } from '@/lib/live/live';
import { session } from '@/lib/session/session';
import { AlertBell } from './alert-bell';

// The tests' own zone is Auckland: nothing here may be of it.
const FRAME: AlertFrame = {
  type: 'alert',
  id: 7,
  device_id: '4c189959-e674-4eaa-8ebb-98fd953657c5',
  device_name: 'Heat pump',
  timezone: 'Europe/Bucharest',
  start: '2026-11-22T22:00:00Z',
  limit: 5.5,
  total_consumption: 5.75,
  withdrawn: false,
};

function ring() {
  const listeners: LiveListener[] = [];
  let requests = 0;
  vi.spyOn(session, 'accessToken').mockResolvedValue('token');
  vi.spyOn(live, 'listen').mockImplementation((listener) => {
    listeners.push(listener);
    return () => undefined;
  });
  vi.stubGlobal('fetch', async () => {
    requests += 1;
    return new Response(JSON.stringify({ count: 0, next: null, previous: null, results: [] }));
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <MemoryRouter>
          <AlertBell />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  const hear = (frame: AlertFrame) => act(() => listeners.forEach((listener) => listener.onAlert?.(frame)));
  const resubscribe = () => act(() => listeners.forEach((listener) => listener.onSubscribed?.([])));
  return { hear, resubscribe, requests: () => requests };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('announces an alert in its device’s zone and leads to the hour', () => {
  ring().hear(FRAME);
  expect(screen.getByTestId('alert-notice').textContent).toContain('Heat pump is over its limit23 Nov, 00:00');
  const link = screen.getByRole('link', { name: 'Show the hour' });
  expect(link.getAttribute('href')).toBe(`/energy?device=${FRAME.device_id}&hour=2026-11-22T22%3A00%3A00Z`);
});

it('takes the announcement back when the alert is withdrawn', () => {
  const { hear } = ring();
  hear(FRAME);
  hear({ ...FRAME, withdrawn: true });
  expect(screen.queryByTestId('alert-notice')).toBeNull();
});

it('fetches the list again once the connection is back: nothing was pushed while it was interrupted', async () => {
  const { resubscribe, requests } = ring();
  await vi.waitFor(() => expect(requests()).toBe(1));
  resubscribe();
  await vi.waitFor(() => expect(requests()).toBe(2));
});
