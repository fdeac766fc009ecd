import { useQuery } from '@tanstack/react-query';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, type Column } from '@/components/admin/data-table';
import { ChoiceFilter, FilterBar, SearchFilter, useFilters } from '@/components/admin/filters';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Panel } from '@/components/admin/panel';
import { Tag, type Tone } from '@/components/admin/tag';
import { SearchIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import type { SecurityEvent } from '@/lib/transport/admin-types';
import { momentSeconds } from '@/lib/labels/moments';
import { actorOf, detailsOf } from './actor';
import { eventsQuery, PAGE_SIZE } from './queries';

const words = ingestionMessages.security;

const TONES: Record<string, Tone> = {
  login: 'good',
  login_failed: 'warn',
  locked: 'bad',
  user_deleted: 'bad',
  user_disabled: 'bad',
  session_revoked: 'warn',
};

const COLUMNS: Column<SecurityEvent>[] = [
  { key: 'kind', head: words.kind, cell: (event) => <Tag tone={TONES[event.kind] ?? 'plain'}>{words.kinds[event.kind] ?? event.kind}</Tag> },
  { key: 'when', head: words.when, tight: true, cell: (event) => momentSeconds(event.occurred_at) },
  { key: 'who', head: words.who, cell: (event) => actorOf(event) },
  { key: 'whom', head: words.whom, cell: (event) => event.subject_name || '—' },
  { key: 'address', head: words.address, cell: (event) => event.address ?? '—' },
  {
    key: 'details',
    head: words.details,
    cell: (event) => detailsOf(event.details) || '—',
  },
];

export function SecurityPage() {
  const filters = useFilters();
  const { get, page } = filters;
  const query = useQuery(eventsQuery({ search: get('search'), kind: get('kind'), page }));
  return (
    <AdminPage title={words.title} lead={words.lead}>
      <Panel>
        <FilterBar>
          <SearchFilter filters={filters} hint={words.searchHint} />
          <ChoiceFilter filters={filters} name="kind" label={words.kind} choices={words.kinds} />
        </FilterBar>
        <ListState query={query}>
          {(list) =>
            list.count === 0 ? (
              <StatePanel icon={<SearchIcon />} title={words.emptyTitle} text={words.emptyText} />
            ) : (
              <>
                <DataTable
                  wide
                  caption={words.caption}
                  columns={COLUMNS}
                  rows={list.results}
                  rowKey={(event) => event.id}
                  faded={query.isPlaceholderData}
                  testId="events"
                />
                <Pager page={page} size={PAGE_SIZE} total={list.count} onPage={(to) => filters.set('page', String(to))} />
              </>
            )
          }
        </ListState>
      </Panel>
    </AdminPage>
  );
}
