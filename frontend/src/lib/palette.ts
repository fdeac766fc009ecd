// The colours, once. Every series colour reaches 3:1 on its surface and every text colour 4.5:1
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
