import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { Device } from '@/lib/transport/admin-types';
import { session } from '@/lib/session/session';
import { DeviceForm } from './device-form';

const ID = '4c189959-e674-4eaa-8ebb-98fd953657c5';

async function register(answer: { status: number; body: object }) {
  const sent: unknown[] = [];
  vi.spyOn(session, 'accessToken').mockResolvedValue('token');
  vi.stubGlobal('fetch', async (path: string, options: { body: string }) => {
    sent.push({ path, body: JSON.parse(options.body) as unknown });
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  });
  const onDone = vi.fn<(device: Device) => void>();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <DeviceForm device={null} sendsAs={ID} onClose={() => undefined} onDone={onDone} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await userEvent.type(await screen.findByLabelText(/^Name/), 'Roof');
  await userEvent.type(screen.getByLabelText(/^Serial number/), 'SN-1');
  await userEvent.click(screen.getByRole('button', { name: 'Add device' }));
  return { sent, onDone };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('registers a device that already sends under the id it sends', async () => {
  const { sent, onDone } = await register({ status: 201, body: { id: ID } });
  await vi.waitFor(() => expect(onDone).toHaveBeenCalledWith({ id: ID }));
  expect(sent).toEqual([
    { path: '/api/devices/', body: expect.objectContaining({ id: ID, name: 'Roof', serial_number: 'SN-1' }) },
  ]);
});

it('says at the id that it was used before', async () => {
  const message = 'A device has or had this id. An id is never used again.';
  const { onDone } = await register({ status: 400, body: { status: 400, errors: { id: [message] } } });
  expect((await screen.findByText(message)).textContent).toBe(message);
  expect(onDone).not.toHaveBeenCalled();
});
