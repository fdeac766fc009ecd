import { describe, expect, it } from 'vitest';
import { readFolder } from '@/testing/cases';
import { figuresOf } from './figures';

type Hour = { start: string; energy_milliwh: number | null; covers_hours: number };
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
      slots.map((slot) => ({ start: slot.start, kwh: kwh(slot.energy_milliwh), coversHours: slot.covers_hours, hoursExpected: 1 })),
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

const day = (energy: number, coversHours: number) => ({ kwh: energy, coversHours, hoursExpected: 24 });

describe('the figures of days', () => {
  it('do not have as the highest a day that holds energy of the day before', () => {
    // Silent from 20:00 on, the first hour of the next day holds five hours: 28 of a day of 24.
    expect(figuresOf([day(12, 24), day(14, 28)])).toMatchObject({ average: 12, highest: { kwh: 12 }, lowest: { kwh: 12 } });
  });
});
