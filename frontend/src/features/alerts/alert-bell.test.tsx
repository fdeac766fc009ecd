import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Alert, AlertFrame } from '@/lib/transport/api-types';
import { DEVICE_ID } from '@/testing/days';
import { serveEnergy } from '@/testing/energy-server';
import { openApp, push } from '@/testing/open-app';
import { answer, http, HttpResponse, pageOf, problem, server } from '@/testing/server';
import { Line } from '@/testing/sockets';

// The tests' own zone is Auckland: nothing here may be of it.
const FRAME: AlertFrame = {
  type: 'alert',
  id: 7,
  device_id: DEVICE_ID,
  device_name: 'Heat pump',
  timezone: 'Europe/Bucharest',
  start: '2026-03-19T22:00:00Z',
  limit: 5.5,
  total_consumption: 5.75,
  withdrawn: false,
  channel: 'main',
  unit: 'kWh',
};

function anAlert(more: Partial<Alert> = {}): Alert {
  const { type: _, ...news } = FRAME;
  return {
    ...news,
    acknowledged: false,
    acknowledged_at: null,
    acknowledged_by: null,
    created_at: '2026-03-19T22:40:00Z',
    withdrawn_at: null,
    ...more,
  };
}

/** Open a page on which the bell lists these alerts; returns the user and the number of reads so far. */
async function openBell(alerts: () => Alert[]) {
  serveEnergy([], () => null);
  let reads = 0;
  answer('/api/monitoring/alerts/', () => {
    reads += 1;
    return pageOf(alerts());
  });
  const user = await openApp('/energy');
  await waitFor(() => expect(screen.getByTestId('live-status').dataset.status).toBe('live'));
  return { user, reads: () => reads };
}

const news = () => screen.getByTestId('alert-bell').dataset.new;

it('announces an alert in its device’s zone and leads to the hour', async () => {
  await openBell(() => []);
  push(FRAME);
  expect(screen.getByTestId('alert-notice').textContent).toContain('Heat pump exceeded its limit20 Mar, 00:00');
  expect(screen.getByTestId('alert-notice').textContent).toContain('5.75 kWh in an hour, limit 5.5 kWh');
  const link = screen.getByText('Show the hour').closest('a');
  expect(link?.getAttribute('href')).toBe(`/energy?device=${DEVICE_ID}&hour=2026-03-19T22%3A00%3A00Z`);
});

it('takes the announcement back when the alert is withdrawn', async () => {
  await openBell(() => []);
  push(FRAME);
  push({ ...FRAME, withdrawn: true });
  expect(screen.queryByTestId('alert-notice')).toBeNull();
});

it('counts new alerts, and counts an alert that arrives without a reload', async () => {
  const alerts = [anAlert(), anAlert({ id: 5, acknowledged_at: '2026-03-19T23:00:00Z' }), anAlert({ id: 4, withdrawn: true })];
  await openBell(() => alerts);
  await waitFor(() => expect(news()).toBe('1'));

  alerts.unshift(anAlert({ id: 8 }));
  push({ ...FRAME, id: 8 });

  await waitFor(() => expect(news()).toBe('2'));
  expect(screen.getByTestId('alert-bell').getAttribute('aria-label')).toBe('Alerts, 2 new');
});

it('lists alerts with hour and limit, and an acknowledged one is no longer new', async () => {
  let alerts = [anAlert(), anAlert({ id: 4, device_name: 'Boiler', withdrawn: true })];
  const { user } = await openBell(() => alerts);
  await waitFor(() => expect(news()).toBe('1'));
  server.use(
    http.post('/api/monitoring/alerts/7/acknowledge/', () => {
      alerts = alerts.map((alert) => (alert.id === 7 ? { ...alert, acknowledged_at: '2026-03-20T15:30:00Z' } : alert));
      return HttpResponse.json(alerts[0]);
    }),
  );

  await user.click(screen.getByTestId('alert-bell'));
  const [first, second] = await screen.findAllByTestId('alert');
  expect(first?.textContent).toContain('Heat pump20 Mar, 00:005.75 kWh in an hour, limit 5.5 kWh');
  expect(second?.textContent).toContain('Withdrawn: corrected to below the limit');
  if (first === undefined) throw new Error('no alert is listed');
  await user.click(within(first).getByTestId('acknowledge'));

  await waitFor(() => expect(first.textContent).toContain('Acknowledged'));
  expect(news()).toBe('0');
});

it('says that an acknowledgement was not saved, and the alert stays new', async () => {
  const { user } = await openBell(() => [anAlert()]);
  server.use(http.post('/api/monitoring/alerts/7/acknowledge/', () => problem(503, 'unavailable')));
  await user.click(screen.getByTestId('alert-bell'));
  await user.click(await screen.findByTestId('acknowledge'));

  expect(await screen.findByText('This could not be saved. Try again.')).toBeTruthy();
  expect(news()).toBe('1');
});

it('fetches the list again once the connection is back, because nothing was pushed while it was interrupted', async () => {
  const { reads } = await openBell(() => []);
  const before = reads();
  const lost = Line.all.at(-1);
  vi.spyOn(Math, 'random').mockReturnValue(0);

  act(() => lost?.hangUp(1006));

  await waitFor(() => expect(Line.all).toHaveLength(2));
  await waitFor(() => expect(reads()).toBeGreaterThan(before));
});
