import type { ComboboxParsedItem } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { t } from '@/lib/i18n/messages';
import { devicesQuery } from '../api/queries';

/**
 * For a field that offers devices: those listed, or where there are more, those that the server finds.
 * @param total how many there are altogether
 * @param chosen what the field says without anything being typed
 */
export function useDeviceSearch(devices: MonitoredDevice[], total: number, chosen: string | undefined) {
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const typed = settled === chosen ? '' : settled;
  const onServer = total > devices.length && typed !== '';
  const found = useQuery({ ...devicesQuery(typed), enabled: onServer, placeholderData: keepPreviousData });
  return {
    offered: onServer ? (found.data?.results ?? []) : devices,
    field: {
      searchable: true,
      onSearchChange: setSearch,
      nothingFoundMessage: found.isFetching ? t.device.searching : t.device.nothingFound,
      // The server has looked already, also in descriptions and ids.
      ...(onServer ? { filter: ({ options }: { options: ComboboxParsedItem[] }) => options } : {}),
    },
  };
}
