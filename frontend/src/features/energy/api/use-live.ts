import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { HourlyUpdated } from '@/lib/transport/api-types';
import { live } from '@/lib/live/live';
import { coalesce } from '@/lib/live/live-updates';
import { applyUpdate, rereadDays, rereadDevices, rereadSeries } from './queries';

const AT_MOST_EVERY_MS = 250;
/** Sums over days and months come from the server; asked for again no more often than this. */
const SUMS_EVERY_MS = 3_000;

const hourOf = (update: HourlyUpdated) => `${update.device_id} ${update.start}`;

/** Keeps the shown devices live: their updates go into the query cache, where the page reads. */
export function useLive(deviceIds: readonly string[], zone: string): void {
  const queryClient = useQueryClient();
  const zoneRef = useRef(zone);
  useEffect(() => {
    zoneRef.current = zone;
  }, [zone]);

  useEffect(() => {
    const sums = coalesce(SUMS_EVERY_MS, hourOf, (items) => rereadSeries(queryClient, items));
    const updates = coalesce(AT_MOST_EVERY_MS, hourOf, (items) => {
      for (const update of items) applyUpdate(queryClient, update, zoneRef.current);
    });
    const leave = live.listen({
      onUpdate: (update) => {
        updates.push(update);
        sums.push(update);
      },
      onSubscribed: (ids) => {
        for (const id of ids) rereadDays(queryClient, id);
        rereadDevices(queryClient);
      },
      onAccessLost: () => {
        rereadDevices(queryClient);
        rereadDays(queryClient);
      },
    });
    return () => {
      leave();
      live.subscribe([]);
      updates.stop();
      sums.stop();
    };
  }, [queryClient]);

  const wanted = deviceIds.join(' ');
  useEffect(() => live.subscribe(wanted === '' ? [] : wanted.split(' ')), [wanted]);
}
