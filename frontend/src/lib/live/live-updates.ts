// Live updates on their way into the query cache.
import type { DailyEnergy, HourlyUpdated } from '@/lib/transport/api-types';
import { applyHour } from '@/lib/energy/day-answer';

/**
 * The newest update of each hour with the moment it came. An answer that the server gave before an update may arrive
 * after it; newer updates are applied to the answer, so that no bar falls back.
 */
export class LatestUpdates {
  private readonly byHour = new Map<string, { update: HourlyUpdated; at: number }>();

  add(update: HourlyUpdated, at: number): void {
    // Two days of hours of a few devices; older updates are older than any running request.
    if (this.byHour.size > 500) this.byHour.clear();
    this.byHour.set(`${update.device_id} ${Date.parse(update.start)}`, { update, at });
  }

  /** Return the answer to a request of `askedAt` with the newer updates applied. */
  over(day: DailyEnergy, askedAt: number): DailyEnergy {
    let result = day;
    for (const { update, at } of this.byHour.values()) {
      if (at >= askedAt) result = applyHour(result, update);
    }
    return result;
  }
}

/**
 * Pass the first item on at once, and the following ones together, at most every `everyMs`: a meter that reports ten
 * times a second must not redraw the page ten times a second.
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
