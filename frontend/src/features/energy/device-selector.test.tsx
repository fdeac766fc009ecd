import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { MonitoredDevice } from '@/lib/api-types';
import { session } from '@/lib/session';
import { DeviceSelector } from './device-selector';

function device(id: string, name: string): MonitoredDevice {
  return {
    device_id: id,
    name,
    description: '',
    device_type: 'smart_meter',
    status: 'deployed',
    timezone: 'UTC',
    interval_seconds: 600,
    reading_kind: 'interval',
    max_consumption: null,
    first_hour: null,
    last_reading_at: null,
    last_reading_value: null,
    today_consumption: null,
    silent: true,
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('has the server search where there are more devices than it lists', async () => {
  const asked: string[] = [];
  vi.spyOn(session, 'accessToken').mockResolvedValue('token');
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const found = { count: 1, next: null, previous: null, results: [device('z', 'Zürich, roof')] };
    return new Response(JSON.stringify(found));
  });
  const onChange = vi.fn<(id: string) => void>();
  const first = device('a', 'Attic');
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <DeviceSelector
          device={first}
          devices={[first]}
          total={250}
          disabled={false}
          stackable={false}
          all={false}
          onChange={onChange}
        />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const box = screen.getByTestId('device-selector');
  await userEvent.click(box);
  await userEvent.clear(box);
  await userEvent.type(box, 'zür');
  await userEvent.click(await screen.findByText('Zürich, roof'));

  expect(onChange).toHaveBeenCalledWith('z');
  expect(asked.at(-1)).toContain('/api/monitoring/devices/?search=z%C3%BCr&');
});
