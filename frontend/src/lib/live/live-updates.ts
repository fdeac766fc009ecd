// Live updates on their way into what the page holds.
import type { DailyEnergy, HourlyUpdated } from '@/lib/transport/api-types';
import { applyHour } from '@/lib/energy/day-answer';

/**
 * The newest update of each hour with the moment it came. A request may have been answered before
 * an update and arrive after it; laying younger updates over the answer keeps a bar from falling back.
 */
export class LatestUpdates {
  private readonly byHour = new Map<string, { update: HourlyUpdated; at: number }>();

  add(update: HourlyUpdated, at: number): void {
    // Two days of hours of a few devices; old ones are of no use to any request still under way.
    if (this.byHour.size > 500) this.byHour.clear();
    this.byHour.set(`${update.device_id} ${Date.parse(update.start)}`, { update, at });
  }

  /** The answer to a request that was sent at `askedAt`, brought up to date. */
  over(day: DailyEnergy, askedAt: number): DailyEnergy {
    let result = day;
    for (const { update, at } of this.byHour.values()) {
      if (at >= askedAt) result = applyHour(result, update);
    }
    return result;
  }
}

/**
 * Passes the first item on at once, and what follows together, at most every `everyMs`: a meter
 * that reports ten times a second must not redraw the page ten times a second.
 */
export function coalesce<T>(everyMs: number, key: (item: T) => string, deliver: (items: T[]) => void) {
  let waiting = new Map<string, T>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    timer = undefined;
    if (waiting.size === 0) return;
    const items = [...waiting.values()];
    waiting = new Map();
    timer = setTimeout(flush, everyMs);
    deliver(items);
  };

  return {
    push(item: T) {
      waiting.set(key(item), item);
      if (timer === undefined) flush();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      waiting = new Map();
    },
  };
}
