import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { takeOverChoices } from '@/lib/session/choices';
import type { User } from '@/lib/transport/api-types';

/** Once for each login or start of the page: a change elsewhere must not load a page again on which somebody types. */
export function useAccountChoices(user: User): void {
  const { setColorScheme } = useMantineColorScheme();
  const first = useRef({ user, setColorScheme });
  useEffect(() => takeOverChoices(first.current.user, first.current.setColorScheme), []);
}
