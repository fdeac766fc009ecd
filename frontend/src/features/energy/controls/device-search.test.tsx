import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ReactNode } from 'react';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { session } from '@/lib/session/session';
import { CompareControl } from './compare-control';
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
    quantity: 'electricity',
    unit: 'kWh',
    channels: [],
    max_consumption: null,
    first_hour: null,
    last_reading_at: null,
    last_reading_value: null,
    today_consumption: null,
    state: 'silent',
    silent: true,
  };
}

const requests: string[] = [];

beforeEach(() => {
  requests.length = 0;
  vi.spyOn(session, 'accessToken').mockResolvedValue('token');
  vi.stubGlobal('fetch', async (path: string) => {
    requests.push(path);
    const page = { count: 1, next: null, previous: null, results: [device('z', 'Zürich, roof')] };
    return new Response(JSON.stringify(page));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const attic = device('a', 'Attic');

function show(field: ReactNode) {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>{field}</QueryClientProvider>
    </MantineProvider>,
  );
}

async function findIn(testId: string) {
  const box = screen.getByTestId(testId);
  await userEvent.click(box);
  await userEvent.clear(box);
  await userEvent.type(box, 'zür');
  await userEvent.click(await screen.findByText('Zürich, roof'));
  expect(requests.at(-1)).toContain('/api/monitoring/devices/?search=z%C3%BCr&');
}

it('the server searches where there are more devices than the field lists', async () => {
  const onChange = vi.fn<(id: string) => void>();
  show(
    <DeviceSelector
      device={attic}
      devices={[attic]}
      total={250}
      disabled={false}
      stackable={false}
      all={false}
      onChange={onChange}
    />,
  );
  await findIn('device-selector');
  expect(onChange).toHaveBeenCalledWith('z');
});

it('a device is compared with any other one, listed or not', async () => {
  const onChange = vi.fn<(compare: string | null) => void>();
  show(
    <CompareControl
      compare="previous"
      other={null}
      period="day"
      otherTime
      devices={[attic, device('b', 'Basement')]}
      total={250}
      shown={attic}
      onChange={onChange}
    />,
  );
  await userEvent.click(screen.getByTestId('compare-with'));
  expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual([
    'Previous day',
    'Same day, previous year',
    'Basement',
  ]);
  await findIn('compare-with');
  expect(onChange).toHaveBeenCalledWith('z');
});
