import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { announceAlert } from '@/lib/alert-news';
import type { HourlyUpdated } from '@/lib/api-types';
import { LiveSocket, type LiveStatus } from '@/lib/live-socket';
import { coalesce } from '@/lib/live-updates';
import { session } from '@/lib/session';
import { applyUpdate, rereadDays, rereadDevices, rereadSeries } from './queries';

const AT_MOST_EVERY_MS = 250;
/** Sums over days and months come from the server; asked for again no more often than this. */
const SUMS_EVERY_MS = 3_000;

const socketUrl = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/monitoring/`;

/** Keeps the shown devices live: their updates go into the query cache, where the page reads. */
export function useLive(deviceIds: readonly string[], zone: string): LiveStatus {
  const queryClient = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>('off');
  const socketRef = useRef<LiveSocket | null>(null);
  const zoneRef = useRef(zone);
  useEffect(() => {
    zoneRef.current = zone;
  }, [zone]);

  useEffect(() => {
    const hourOf = (update: HourlyUpdated) => `${update.device_id} ${update.start}`;
    const sums = coalesce(SUMS_EVERY_MS, hourOf, (items) => rereadSeries(queryClient, items));
    const updates = coalesce(
      AT_MOST_EVERY_MS,
      hourOf,
      (items) => {
        for (const update of items) applyUpdate(queryClient, update, zoneRef.current);
      },
    );
    const socket = new LiveSocket({
      url: socketUrl,
      token: () => session.accessToken(),
      renewToken: () => session.refresh(),
      onStatus: setStatus,
      onUpdate: (update) => {
        updates.push(update);
        sums.push(update);
      },
      onAlert: announceAlert,
      onSubscribed: (ids) => {
        for (const id of ids) rereadDays(queryClient, id);
        rereadDevices(queryClient);
      },
      onAccessLost: () => {
        rereadDevices(queryClient);
        rereadDays(queryClient);
      },
    });
    socketRef.current = socket;
    socket.start();
    return () => {
      socket.stop();
      updates.stop();
      sums.stop();
      socketRef.current = null;
    };
  }, [queryClient]);

  const wanted = deviceIds.join(' ');
  useEffect(() => {
    socketRef.current?.subscribe(wanted === '' ? [] : wanted.split(' '));
  }, [wanted]);

  return status;
}
