import { useMediaQuery } from '@mantine/hooks';

const AT_ONCE = { getInitialValueInEffect: false };

/**
 * Return whether the screen is narrow, whether it is touched, whether the periods stand in reach of the thumb (not on a
 * low screen, where they would cover half the page), whether there is only room for letters in them, and whether the page
 * is being printed.
 */
export function useScreen(): { phone: boolean; touch: boolean; thumb: boolean; letters: boolean; paper: boolean } {
  const phone = useMediaQuery('(max-width: 44.99em)', false, AT_ONCE) ?? false;
  const touch = useMediaQuery('(pointer: coarse)', false, AT_ONCE) ?? false;
  const thumb = useMediaQuery('(max-width: 44.99em) and (min-height: 30em)', false, AT_ONCE) ?? false;
  const letters = useMediaQuery('(max-width: 29.99em) and (min-height: 30em)', false, AT_ONCE) ?? false;
  const paper = useMediaQuery('print', false, AT_ONCE) ?? false;
  return { phone, touch, thumb, letters, paper };
}
