import { describe, expect, it } from 'vitest';
import { readFolder } from '@/testing/cases';
import { figuresOf } from './figures';

type Hour = { start: string; energy_milliwh: number | null; estimated_milliwh: number | null; measured_quarters: number };
type Extreme = { start: string; energy_milliwh: number } | null;
type Case = {
  title: string;
  slots: Hour[];
  figures: {
    energy_milliwh: number | null;
    average_milliwh: number | null;
    peak: Extreme;
    lowest: Extreme;
    hours_with_data: number;
  };
};

const cases = readFolder<Case>('figures');

const kwh = (milliwh: number | null) => (milliwh === null ? null : milliwh / 1e6);
const extreme = (hour: Extreme) => (hour === null ? null : { start: hour.start, kwh: kwh(hour.energy_milliwh) });

describe('the figures that the service and the browser share', () => {
  it.each(cases.map((shared) => [shared.title, shared] as const))('%s', (_, { slots, figures }) => {
    const { total, average, highest, lowest, known } = figuresOf(
      slots.map((slot) => ({
        start: slot.start,
        kwh: kwh(slot.energy_milliwh),
        estimated: kwh(slot.estimated_milliwh) ?? 0,
        quality: { measured: slot.measured_quarters, estimated: 0, missing: 0 },
        hoursExpected: 1,
      })),
    );

    const hour = (slot: typeof highest) => (slot === null ? null : { start: slot.start, kwh: slot.kwh });
    expect({ total, average, known, peak: hour(highest), lowest: hour(lowest) }).toEqual({
      total: kwh(figures.energy_milliwh),
      average: kwh(figures.average_milliwh),
      known: figures.hours_with_data,
      peak: extreme(figures.peak),
      lowest: extreme(figures.lowest),
    });
  });
});

const day = (energy: number, estimated: number) => ({
  kwh: energy,
  estimated,
  quality: { measured: 90, estimated: estimated > 0 ? 6 : 0, missing: 0 },
  hoursExpected: 24,
});

describe('the figures of days', () => {
  it('rank a day that a span cuts by its measured energy', () => {
    const { total, average, highest, lowest } = figuresOf([day(12, 0), day(14, 3)]);
    expect([total, average, highest?.kwh, lowest?.kwh]).toEqual([26, 11.5, 12, 11]);
  });
});
