// The colours. Every series colour reaches 3:1 on its surface and every text colour 4.5:1
// (WCAG 2.2 AA); palette.test.ts measures it.

export type Palette = {
  page: string;
  surface: string;
  raised: string;
  line: string;
  control: string;
  text: string;
  dimmed: string;
  brand: string;
  series: string;
  over: string;
  limit: string;
  previous: string;
  good: string;
  warn: string;
  bad: string;
  hatch: string;
  /** Devices in a stack; the sixth is grey, for the rest. */
  stack1: string;
  stack2: string;
  stack3: string;
  stack4: string;
  stack5: string;
  stack6: string;
  /** A heat map from little to much; the words beside it carry the values. */
  heat0: string;
  heat1: string;
  heat2: string;
  heat3: string;
  heat4: string;
};

export const light: Palette = {
  page: '#f4f6f8',
  surface: '#ffffff',
  raised: '#ffffff',
  line: '#e3e7eb',
  control: '#868f99',
  text: '#14191f',
  dimmed: '#5a6572',
  brand: '#0b7a67',
  series: '#2a62c9',
  over: '#c8443c',
  limit: '#b3372f',
  previous: '#717c88',
  good: '#0b7a67',
  warn: '#9a5b00',
  bad: '#b3372f',
  hatch: '#c3cad2',
  stack1: '#2a62c9',
  stack2: '#c97a00',
  stack3: '#c8443c',
  stack4: '#7b52b9',
  stack5: '#0b8a74',
  stack6: '#7d8793',
  heat0: '#e4f2ee',
  heat1: '#b4dcd1',
  heat2: '#74bcaa',
  heat3: '#32947f',
  heat4: '#0b6353',
};

export const dark: Palette = {
  page: '#0f1317',
  surface: '#171c22',
  raised: '#1e242b',
  line: '#272e36',
  control: '#6f7a86',
  text: '#eef1f4',
  dimmed: '#9ba6b2',
  brand: '#3fc3a8',
  series: '#6f9bf5',
  over: '#f0837a',
  limit: '#f0837a',
  previous: '#8b95a3',
  good: '#3fc3a8',
  warn: '#f0b23c',
  bad: '#f0837a',
  hatch: '#3d4752',
  stack1: '#6f9bf5',
  stack2: '#f0b23c',
  stack3: '#f0837a',
  stack4: '#b594ec',
  stack5: '#3fc3a8',
  stack6: '#8b95a3',
  heat0: '#1b2a2a',
  heat1: '#1f4a45',
  heat2: '#21776a',
  heat3: '#33a690',
  heat4: '#66d9c0',
};

export const cssVariables = (palette: Palette): Record<string, string> =>
  Object.fromEntries(Object.entries(palette).map(([name, colour]) => [`--ems-${name}`, colour]));

/** WCAG contrast ratio of two #rrggbb colours. */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.040_45 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
