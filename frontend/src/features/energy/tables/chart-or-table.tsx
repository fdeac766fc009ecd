import { SegmentedControl } from '@mantine/core';
import { useShortcuts } from '@/lib/hooks/shortcuts';
import { t } from '@/lib/i18n/messages';

export function ChartOrTable({ table, onTable }: { table: boolean; onTable: (table: boolean) => void }) {
  useShortcuts({ v: () => onTable(!table) });
  return (
    <SegmentedControl
      size="xs"
      aria-label={t.hours.view}
      value={table ? 'table' : 'chart'}
      onChange={(value) => onTable(value === 'table')}
      data={[
        { value: 'chart', label: t.hours.chart },
        { value: 'table', label: t.hours.table },
      ]}
    />
  );
}
