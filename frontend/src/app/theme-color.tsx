import { useComputedColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import { dark, light } from '@/lib/charts/palette';

/** Paint the browser's own bars, and the title of the installed dashboard, in the colour of the shown theme. */
export function ThemeColor() {
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  useEffect(() => {
    const { surface } = scheme === 'dark' ? dark : light;
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = surface;
  }, [scheme]);
  return null;
}
