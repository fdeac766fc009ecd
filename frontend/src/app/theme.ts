import {
  createTheme,
  localStorageColorSchemeManager,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';
import { cssVariables, dark, light } from '@/lib/charts/palette';

const brand: MantineColorsTuple = [
  '#e6faf5', '#c9f2e7', '#95e4d0', '#5fd4b8', '#3fc3a8',
  '#22ab90', '#0f967c', '#0b7a67', '#096354', '#064a3f',
];

// Mantine draws its dark page with shade 7, cards and menus with 6, hover with 5, borders with 4.
const darkShades: MantineColorsTuple = [
  dark.text, '#c6cdd5', dark.dimmed, '#5b6672', dark.line,
  '#222931', dark.surface, dark.page, '#0b0e11', '#07090b',
];

const graphite: MantineColorsTuple = [
  '#f8fafb', light.page, '#eceff2', light.line, '#cfd5db',
  '#aeb6bf', light.control, light.dimmed, '#38424d', light.text,
];

export const theme = createTheme({
  primaryColor: 'brand',
  // White on it reads in both schemes (5.3:1); lighter shades would need dark words on dark pages only.
  primaryShade: 7,
  colors: { brand, dark: darkShades, gray: graphite },
  black: light.text,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  // Of the reader's own text size, like all sizes of text on the pages.
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.9375rem', lg: '1.125rem', xl: '2rem' },
  defaultRadius: 'md',
  radius: { md: '10px', lg: '16px' },
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
  focusRing: 'auto',
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...cssVariables(light),
    '--mantine-color-body': light.page,
    '--mantine-color-text': light.text,
    '--mantine-color-dimmed': light.dimmed,
    '--mantine-color-placeholder': light.dimmed,
    '--mantine-color-error': light.bad,
    '--mantine-color-default-border': light.line,
    // The brand's own colour on its light one would be 4.3:1.
    '--mantine-color-brand-light-color': '#096354',
  },
  dark: {
    ...cssVariables(dark),
    '--mantine-color-body': dark.page,
    '--mantine-color-text': dark.text,
    '--mantine-color-dimmed': dark.dimmed,
    '--mantine-color-placeholder': dark.dimmed,
    '--mantine-color-error': dark.bad,
    '--mantine-color-brand-light': '#12352f',
    '--mantine-color-brand-light-hover': '#17443c',
    '--mantine-color-brand-light-color': '#8be0cd',
    '--mantine-color-brand-text': dark.brand,
    '--mantine-color-default': dark.raised,
    '--mantine-color-default-hover': '#262d35',
    '--mantine-color-default-border': dark.line,
  },
});

/** The key is read by public/color-scheme.js too. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'ems-color-scheme' });

/** Paper is light, whatever the screen is. Doubled to outweigh the rule of the dark colours. */
export const printColours = `:root:root[data-mantine-color-scheme] { ${Object.entries(cssVariables(light))
  .concat([['--mantine-color-body', light.surface], ['--mantine-color-text', light.text]])
  .map(([name, colour]) => `${name}: ${colour};`)
  .join(' ')} }`;
