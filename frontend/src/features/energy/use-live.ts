import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { LiveSocket, type LiveStatus } from '@/lib/live-socket';
import { coalesce } from '@/lib/live-updates';
import { session } from '@/lib/session';
import { applyUpdate, rereadDays, rereadDevices } from './queries';

const AT_MOST_EVERY_MS = 250;

const socketUrl = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/monitoring/`;

/** Keeps the shown device live: its updates go into the query cache, where the page reads. */
export function useLive(deviceId: string | null, zone: string): LiveStatus {
  const queryClient = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>('off');
  const socketRef = useRef<LiveSocket | null>(null);
  const zoneRef = useRef(zone);
  useEffect(() => {
    zoneRef.current = zone;
  }, [zone]);

  useEffect(() => {
    const updates = coalesce(
      AT_MOST_EVERY_MS,
      (update: Parameters<typeof applyUpdate>[1]) => `${update.device_id} ${update.start}`,
      (items) => {
        for (const update of items) applyUpdate(queryClient, update, zoneRef.current);
      },
    );
    const socket = new LiveSocket({
      url: socketUrl,
      token: () => session.accessToken(),
      renewToken: () => session.refresh(),
      onStatus: setStatus,
      onUpdate: updates.push,
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
      socketRef.current = null;
    };
  }, [queryClient]);

  useEffect(() => {
    socketRef.current?.subscribe(deviceId === null ? [] : [deviceId]);
  }, [deviceId]);

  return status;
}
