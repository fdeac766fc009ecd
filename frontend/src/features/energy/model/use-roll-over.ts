import { useEffect, useRef } from 'react';
import type { Day } from '@/lib/energy/days';
import type { Show } from './address';

/** Keep a page that shows today on today when it stays open over midnight. */
export function useRollOver(zone: string, today: Day, date: Day, show: Show): void {
  const latest = useRef({ zone, today });
  useEffect(() => {
    const before = latest.current;
    latest.current = { zone, today };
    if (before.zone === zone && before.today !== today && date === before.today) show({ date: today }, true);
  }, [zone, today, date, show]);
}
