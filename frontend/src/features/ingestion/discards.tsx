import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable, type Column } from '@/components/admin/data-table';
import { Pager } from '@/components/admin/pager';
import { Card } from '@/components/card';
import { count } from '@/lib/i18n/admin';
import { deadLetterMessages } from '@/lib/i18n/admin/dead-letters';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import { momentSeconds } from '@/lib/labels/moments';
import type { Discard } from '@/lib/api/monitoring';
import { DISCARDS_PAGE, discardsQuery } from './queries';

const { reasons } = ingestionMessages;
const { discards: texts } = deadLetterMessages;

export const numberOf = ({ discarded }: Discard): number => Object.values(discarded).reduce((sum, n) => sum + n, 0);

const COLUMNS: Column<Discard>[] = [
  { key: 'when', head: texts.when, cell: ({ requested_at: at }) => momentSeconds(at) },
  { key: 'who', head: texts.who, cell: ({ requested_by_name: name }) => name },
  {
    key: 'number',
    head: texts.number,
    align: 'end',
    cell: (discard) => `${count(numberOf(discard))}${discard.finished_at === null ? ` (${texts.running})` : ''}`,
  },
  {
    key: 'reasons',
    head: texts.reasons,
    cell: ({ discarded }) =>
      Object.entries(discarded)
        .map(([reason, n]) => `${reasons[reason] ?? reason} ${count(n)}`)
        .join(' · '),
  },
];

/** The record of discarded dead letters: who, when, how many, why they had been rejected. */
export function DiscardsCard() {
  const [page, setPage] = useState(1);
  const { data: list, isPlaceholderData: faded } = useQuery(discardsQuery(page));
  if (list === undefined || list.count === 0) return null;
  return (
    <Card title={texts.title} testId="discards">
      <DataTable caption={texts.title} columns={COLUMNS} rows={list.results} rowKey={({ id }) => String(id)} faded={faded} />
      <Pager page={page} size={DISCARDS_PAGE} total={list.count} onPage={setPage} />
    </Card>
  );
}
