import type { ComboboxParsedItem } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { t } from '@/lib/i18n/messages';
import { devicesQuery } from '../api/queries';

/**
 * Return the devices that a field offers: the listed ones, or where there are more, those that the server finds.
 * @param total number of all devices
 * @param chosen text of the field before the user types
 */
export function useDeviceSearch(devices: MonitoredDevice[], total: number, chosen: string | undefined) {
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const typed = settled === chosen ? '' : settled;
  const onServer = total > devices.length && typed !== '';
  const matches = useQuery({ ...devicesQuery(typed), enabled: onServer, placeholderData: keepPreviousData });
  return {
    offered: onServer ? (matches.data?.results ?? []) : devices,
    field: {
      searchable: true,
      onSearchChange: setSearch,
      nothingFoundMessage: matches.isFetching ? t.device.searching : t.device.nothingFound,
      // The server has searched already, also in descriptions and ids.
      ...(onServer ? { filter: ({ options }: { options: ComboboxParsedItem[] }) => options } : {}),
    },
  };
}
