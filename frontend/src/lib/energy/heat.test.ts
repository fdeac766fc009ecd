import { describe, expect, it } from 'vitest';
import { seriesPoints } from '@/testing/series';
import { byWeekday, heatOf } from './heat';
import { slotSpans } from './periods';
import { layersOf, OTHERS } from './stacking';

const ZONE = 'Europe/Bucharest';
const hours = slotSpans('day', '2026-10-25', ZONE);

describe('the heat map', () => {
  it('has a field for every hour and day, and leaves fields without data empty', () => {
    const heat = heatOf(['2026-10-25', '2026-10-26'], [seriesPoints(hours, (i) => (i === 0 ? null : i))], ZONE);
    expect(heat.rows).toHaveLength(24);
    expect(heat.rows[0]).toEqual([{ kwh: null, level: null, estimated: false }, { kwh: null, level: null, estimated: false }]);
    expect(heat.rows[23]?.[0]).toEqual({ kwh: 24, level: 4, estimated: false });
    expect([heat.lowest, heat.highest, heat.strongest]).toEqual([1, 24, 23]);
  });

  it('shows the hour that comes twice once, as the average of both', () => {
    const heat = heatOf(['2026-10-25'], [seriesPoints(hours, (i) => i)], ZONE);
    // 03:00 is the fourth and the fifth hour of that day.
    expect(heat.rows[3]?.[0]?.kwh).toBe(3.5);
    expect(heat.rows[4]?.[0]?.kwh).toBe(5);
  });

  it('does not count an hour in progress as the lowest', () => {
    const points = seriesPoints(hours, (i) => (i === 20 ? 0.1 : 1));
    const until = hours[20]?.start ?? 0;
    expect(heatOf(['2026-10-25'], [points], ZONE, { from: -Infinity, to: until + 60_000 }).lowest).toBe(1);
    expect(heatOf(['2026-10-25'], [points], ZONE).lowest).toBe(0.1);
  });

  it('counts an estimated hour neither as the lowest nor as the highest', () => {
    const points = seriesPoints(hours, (i) => (i === 10 ? 0.4 : i === 20 ? 9 : 1));
    const quality = { measured: 0, estimated: 4, missing: 0 };
    for (const index of [10, 20]) Object.assign(points[index] ?? {}, { quality });
    const heat = heatOf(['2026-10-25'], [points], ZONE);
    expect([heat.lowest, heat.highest]).toEqual([1, 1]);
    expect(heat.rows[19]?.[0]).toEqual({ kwh: 9, level: 4, estimated: true });
    const twice = byWeekday(heatOf(['2026-10-25', '2026-11-01'], [points, seriesPoints(slotSpans('day', '2026-11-01', ZONE), () => 1)], ZONE));
    expect(twice.rows[19]?.[0]?.kwh).toBe(5);
  });

  it('by weekday is the average of the days that have the hour', () => {
    const days = ['2026-11-02', '2026-11-03', '2026-11-09', '2026-11-16'];
    const points = days.flatMap((day, i) =>
      seriesPoints(slotSpans('day', day, ZONE), (hour) => (i === 3 && hour === 7 ? null : hour === 7 ? i + 1 : 1)),
    );
    const heat = byWeekday(heatOf(days, [points], ZONE));
    expect(heat.days).toEqual(['2026-11-02', '2026-11-03']);
    // Mondays: 1, 3 and one without a reading.
    expect(heat.rows[7]?.map(({ kwh }) => kwh)).toEqual([2, 2]);
    expect(heat.rows[8]?.map(({ kwh }) => kwh)).toEqual([1, 1]);
    expect(heat.strongest).toBe(7);
  });

  it('adds the devices up before it averages', () => {
    const points = seriesPoints(hours, () => 0.1);
    expect(heatOf(['2026-10-25'], [points, points], ZONE).rows[3]?.[0]?.kwh).toBe(0.2);
  });

  it('without data has neither lowest nor highest, and gives zero the lowest level', () => {
    expect(heatOf(['2026-10-25'], [], ZONE)).toMatchObject({ lowest: null, highest: null, strongest: null });
    expect(heatOf(['2026-10-25'], [seriesPoints(hours, () => 0)], ZONE).rows[5]?.[0]).toEqual({ kwh: 0, level: 0, estimated: false });
  });
});

const devices = (n: number) => Array.from({ length: n }, (_, i) => ({ id: String(i), name: `Meter ${i}`, slots: [] }));

describe('layers of a stack', () => {
  it('give every device its colour by its place in the list', () => {
    expect(layersOf(devices(6), String).map((layer) => layer.colour)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `--ems-stack${n}`),
    );
  });

  it('put the devices after the fifth into one grey layer on top', () => {
    const layers = layersOf(devices(9), (n) => `${n} other`);
    expect(layers).toHaveLength(6);
    expect(layers.at(-1)).toMatchObject({ id: OTHERS, name: '4 other', colour: '--ems-stack6' });
  });
});
