import { useMediaQuery } from '@mantine/hooks';

const AT_ONCE = { getInitialValueInEffect: false };

/** Return whether the screen is narrow, and whether it is touched. */
export function useScreen(): { phone: boolean; touch: boolean } {
  const phone = useMediaQuery('(max-width: 719px)', false, AT_ONCE) ?? false;
  const touch = useMediaQuery('(pointer: coarse)', false, AT_ONCE) ?? false;
  return { phone, touch };
}
