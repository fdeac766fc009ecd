import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { Device } from '@/lib/transport/admin-types';
import { session } from '@/lib/session/session';
import { aDevice } from '@/testing/devices';
import { DeviceForm } from './device-form';

const ID = '4c189959-e674-4eaa-8ebb-98fd953657c5';

/** Answer every request with `answer`; returns what was sent. */
function serve(answer: { status: number; body: object }) {
  const sent: { path: string; body: unknown }[] = [];
  vi.spyOn(session, 'accessToken').mockResolvedValue('token');
  vi.stubGlobal('fetch', async (path: string, options: { body: string }) => {
    sent.push({ path, body: JSON.parse(options.body) as unknown });
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  });
  return sent;
}

function show(device: Device | null, sendsAs: string | null = null) {
  const onDone = vi.fn<(saved: Device) => void>();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <DeviceForm device={device} sendsAs={sendsAs} onClose={() => undefined} onDone={onDone} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return onDone;
}

async function register(answer: { status: number; body: object }) {
  const sent = serve(answer);
  const onDone = show(null, ID);
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

it('the two fields that a device needs come first, and most others are below the fold', async () => {
  show(null);
  await screen.findByLabelText(/^Name/);

  const fields = [...document.querySelectorAll<HTMLInputElement>('form input:not([type=hidden])')];
  expect(fields.slice(0, 2).map(({ name }) => name)).toEqual(['name', 'serial_number']);
  const outside = fields.filter((field) => field.closest('details') === null);
  expect(outside).toHaveLength(6);
});

it('a new device has no date of deployment, a deployed one has', async () => {
  show(null);
  await screen.findByLabelText(/^Name/);
  expect(screen.queryByLabelText('Deployment date')).toBeNull();
  cleanup();

  show(aDevice({ status: 'deployed', deploy_date: '2026-03-01' }));
  expect((await screen.findByLabelText<HTMLInputElement>('Deployment date')).value).toBe('2026-03-01');
});

it('a time zone is chosen from those that exist', async () => {
  const sent = serve({ status: 201, body: aDevice() });
  show(null);
  await userEvent.type(await screen.findByLabelText(/^Name/), 'Roof');
  await userEvent.type(screen.getByLabelText(/^Serial number/), 'SN-1');
  await userEvent.click(screen.getByTestId('advanced'));
  await userEvent.type(screen.getByTestId('zone'), 'buchar');
  await userEvent.click(await screen.findByRole('option', { name: 'Europe/Bucharest' }));
  await userEvent.click(screen.getByRole('button', { name: 'Add device' }));

  await vi.waitFor(() => expect(sent[0]?.body).toMatchObject({ timezone: 'Europe/Bucharest' }));
});

it('properties are rows of name and value, and keep their types', async () => {
  const device = aDevice({ specifications: { phases: 3, parts: { left: 1 } } });
  const sent = serve({ status: 200, body: device });
  show(device);
  await userEvent.click(await screen.findByTestId('add-property'));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(sent[0]?.body).toMatchObject({ specifications: { phases: 3, parts: { left: 1 } } }));

  await userEvent.type(screen.getAllByLabelText('Value').at(-1) as HTMLElement, 'attic');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect((await screen.findByRole('alert')).textContent).toBe('Give each property a name of its own.');
  expect(sent).toHaveLength(1);

  await userEvent.type(screen.getAllByLabelText('Name').at(-1) as HTMLElement, 'place');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(sent[1]?.body).toMatchObject({ specifications: { phases: 3, parts: { left: 1 }, place: 'attic' } }));
});
