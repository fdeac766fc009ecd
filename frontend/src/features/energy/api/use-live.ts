import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { HourlyUpdated, PeriodUpdated } from '@/lib/transport/api-types';
import { seriesName } from '@/lib/energy/channels';
import { live } from '@/lib/live/live';
import { coalesce } from '@/lib/live/live-updates';
import { applyUpdate, refetchEnergy, refetchDevices, refetchPeriods, refetchSeries } from './queries';

const AT_MOST_EVERY_MS = 250;
/** Sums over days and months come from the server; they are fetched again no more often than this. */
const SUMS_EVERY_MS = 3_000;
/** Those over many months read tens of thousands of hours. */
const LONG_SUMS_EVERY_MS = 30_000;

const periodOf = (period: PeriodUpdated) => `${period.device_id} ${period.start} ${period.end}`;
const hourOf = (update: HourlyUpdated) => `${update.device_id} ${update.start}`;

/** Subscribe to these series; their live updates go into the query cache, where the page reads. */
export function useLive(deviceIds: readonly string[], zone: string): void {
  const queryClient = useQueryClient();
  const zoneRef = useRef(zone);
  useEffect(() => {
    zoneRef.current = zone;
  }, [zone]);

  useEffect(() => {
    const sums = coalesce(SUMS_EVERY_MS, hourOf, (items) => refetchSeries(queryClient, items, false));
    const longSums = coalesce(LONG_SUMS_EVERY_MS, hourOf, (items) => refetchSeries(queryClient, items, true));
    const periods = coalesce(SUMS_EVERY_MS, periodOf, (items) => refetchPeriods(queryClient, items));
    const updates = coalesce(AT_MOST_EVERY_MS, hourOf, (items) => {
      for (const update of items) applyUpdate(queryClient, update, zoneRef.current);
    });
    const leave = live.listen({
      onUpdate: (frame) => {
        const update = { ...frame, device_id: seriesName(frame.device_id, frame.channel) };
        updates.push(update);
        sums.push(update);
        longSums.push(update);
      },
      onPeriod: (frame) => periods.push({ ...frame, device_id: seriesName(frame.device_id, frame.channel) }),
      onSubscribed: (subscribed) => {
        // Connected before the devices are known: everything is being read for the first time.
        if (subscribed.length === 0) return;
        refetchEnergy(queryClient);
        refetchDevices(queryClient);
      },
      onAccessLost: () => {
        refetchDevices(queryClient);
        refetchEnergy(queryClient);
      },
    });
    return () => {
      leave();
      live.subscribe([]);
      updates.stop();
      sums.stop();
      longSums.stop();
      periods.stop();
    };
  }, [queryClient]);

  const ids = deviceIds.join(' ');
  useEffect(() => live.subscribe(ids === '' ? [] : ids.split(' ')), [ids]);
}
