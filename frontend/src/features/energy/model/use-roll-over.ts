import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Day } from '@/lib/energy/days';
import { refetchDevices } from '../api/queries';
import type { Show } from './address';

/** Keep a page that shows today on today when it stays open over midnight. `date` null: its days are fixed. */
export function useRollOver(zone: string, today: Day, date: Day | null, show: Show): void {
  const queryClient = useQueryClient();
  const latest = useRef({ zone, today });
  useEffect(() => {
    const before = latest.current;
    latest.current = { zone, today };
    if (before.zone !== zone || before.today === today) return;
    // The energy of today, which the service adds up, is that of the former day.
    refetchDevices(queryClient);
    if (date === before.today) show({ date: today }, true);
  }, [zone, today, date, show, queryClient]);
}
