import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aDay, anUpdate } from '@/testing/days';
import { coalesce, LatestUpdates } from './live-updates';

describe('an answer that arrives after a newer update', () => {
  const day = aDay('2026-11-22', 'UTC', (i) => (i < 3 ? 1 : null));

  it('gets the update applied', () => {
    const latest = new LatestUpdates();
    latest.add(anUpdate(day, 2, 1.5), 2_000);
    expect(latest.over(day, 1_000).hourly_data[2]?.total_consumption).toBe(1.5);
  });

  it('replaces updates that are older than its request', () => {
    const latest = new LatestUpdates();
    latest.add(anUpdate(day, 2, 0.2), 500);
    expect(latest.over(day, 1_000)).toBe(day);
  });

  it('gets the newest update of each hour', () => {
    const latest = new LatestUpdates();
    latest.add(anUpdate(day, 2, 1.5), 2_000);
    latest.add(anUpdate(day, 2, 1.25), 3_000);
    latest.add(anUpdate(day, 3, 0.5), 3_000);
    expect(latest.over(day, 1_000)).toMatchObject({ total_daily_consumption: 3.75, hours_with_data: 4 });
  });
});

describe('many updates', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are passed on at once, then together, the newest of each hour', () => {
    const delivered: string[][] = [];
    const updates = coalesce<string>(250, (item) => item.slice(0, 1), (items) => delivered.push(items));

    updates.push('a1');
    updates.push('a2');
    updates.push('b1');
    updates.push('a3');
    expect(delivered).toEqual([['a1']]);
    vi.advanceTimersByTime(250);
    expect(delivered).toEqual([['a1'], ['a3', 'b1']]);
    vi.advanceTimersByTime(1_000);
    updates.push('a4');
    expect(delivered.at(-1)).toEqual(['a4']);
  });
});
