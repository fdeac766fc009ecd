import { describe, expect, it } from 'vitest';
import { contrast, dark, light, type Palette } from './palette';

const surfaces = ['page', 'surface', 'raised'] as const;
const texts = ['text', 'dimmed', 'brand', 'warn', 'bad', 'good', 'limit'] as const;
const marks = ['series', 'over', 'limit', 'previous', 'control'] as const;
const stack = ['stack1', 'stack2', 'stack3', 'stack4', 'stack5', 'stack6'] as const;
const heat = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4'] as const;

it('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

describe.each<[string, Palette]>([['light', light], ['dark', dark]])('the %s palette', (_, palette) => {
  it.each(texts)('can be read: %s', (name) => {
    for (const surface of surfaces) expect(contrast(palette[name], palette[surface])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(marks)('can be seen: %s', (name) => {
    for (const surface of surfaces) expect(contrast(palette[name], palette[surface])).toBeGreaterThanOrEqual(3);
  });

  it.each(stack)('can be seen in a stack on a card: %s', (name) => {
    expect(contrast(palette[name], palette.surface)).toBeGreaterThanOrEqual(3);
  });

  it('each step of the heat map differs visibly from the one before', () => {
    const against = heat.map((name) => contrast(palette[name], palette.surface));
    expect(against).toEqual(against.toSorted((a, b) => a - b));
    expect(against.at(-1)).toBeGreaterThanOrEqual(4.5);
  });
});
