import { waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { aMonitoredDevice } from '@/testing/devices';
import { serveEnergy } from '@/testing/energy-server';
import { openApp } from '@/testing/open-app';
import { bars } from '@/testing/screen';
import { http, HttpResponse, pageOf, server } from '@/testing/server';

const DEVICE = aMonitoredDevice();
const DAY = `/energy?device=${DEVICE.device_id}&date=2026-03-10`;

/** Open a day with a list of devices that is not answered before `release`; return the days that were requested. */
async function openDay() {
  serveEnergy([DEVICE], () => 0.25);
  const days: string[] = [];
  const gate = new EventTarget();
  const released = new Promise((resolve) => gate.addEventListener('open', resolve));
  let listed = false;
  server.use(
    http.get('*/api/monitoring/devices/', async () => {
      listed = true;
      await released;
      return HttpResponse.json(pageOf([DEVICE]));
    }),
  );
  server.events.on('request:start', ({ request }) => {
    const url = new URL(request.url);
    if (url.pathname === '/api/monitoring/hourly/daily/') days.push(url.searchParams.get('date') ?? '');
  });
  await openApp(DAY);
  await waitFor(() => expect(listed).toBe(true));
  return { days, release: () => gate.dispatchEvent(new Event('open')) };
}

it('the day of the device that was shown last is read once, beside the list of devices, also when the live connection is there first', async () => {
  localStorage.setItem('ems-last-device', DEVICE.device_id);
  const { days, release } = await openDay();
  await waitFor(() => expect(days).toEqual(['2026-03-10', '2026-03-09']));

  release();
  expect(Object.keys(await bars('hour-bar'))).toHaveLength(24);
});

it('the day of a device that was not shown here before is read when the list has it', async () => {
  const { days, release } = await openDay();
  expect(days).toEqual([]);

  release();
  expect(Object.keys(await bars('hour-bar'))).toHaveLength(24);
  expect(days.slice(0, 2)).toEqual(['2026-03-10', '2026-03-09']);
});
