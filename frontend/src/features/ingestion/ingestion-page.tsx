import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, type Column } from '@/components/admin/data-table';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Tag } from '@/components/admin/tag';
import { Card } from '@/components/card';
import { count, ta } from '@/lib/i18n/admin';
import { ti } from '@/lib/i18n/admin/ingestion';
import { momentSeconds } from '@/lib/labels/moments';
import type { Ledger, Unclaimed } from '@/lib/api/monitoring';
import { unaccounted } from './balance';
import { DeadLetterCard } from './dead-letters';
import classes from './ingestion-page.module.css';
import { PerMinute } from './per-minute';
import { ledgerQuery, UNCLAIMED_PAGE, unclaimedQuery } from './queries';

const PARTS = ['stored', 'corrected', 'duplicates', 'rejected'] as const;

const UNCLAIMED: Column<Unclaimed>[] = [
  { key: 'id', head: ti.unclaimed.id, cell: (one) => <code className={classes.code}>{one.device_id}</code> },
  { key: 'readings', head: ti.unclaimed.readings, align: 'end', cell: (one) => count(one.readings) },
  { key: 'first', head: ti.unclaimed.first, align: 'end', cell: (one) => momentSeconds(one.first_seen_at) },
  {
    key: 'last',
    head: ti.unclaimed.last,
    align: 'end',
    cell: (one) => (one.last_reading_at === null ? '—' : momentSeconds(one.last_reading_at)),
  },
  {
    key: 'register',
    head: ta.actions,
    align: 'end',
    actions: true,
    cell: (one) => (
      <Button
        component={Link}
        to={`/manage/devices?${new URLSearchParams({ register: one.device_id }).toString()}`}
        size="compact-sm"
        variant="default"
        aria-label={ti.unclaimed.registerOf(one.device_id)}
        data-testid="register"
      >
        {ti.unclaimed.register}
      </Button>
    ),
  },
];

export function IngestionPage() {
  const ledger = useQuery(ledgerQuery);
  return (
    <AdminPage title={ti.title} lead={ti.lead}>
      <ListState query={ledger}>
        {(found) => (
          <>
            <Totals ledger={found} />
            <div className={classes.columns}>
              <Card title={ti.perMinute.title}>
                <PerMinute minutes={found.per_minute} />
              </Card>
              <Card title={ti.queues.title}>
                <Queues queues={found.queues} taken={found.unacknowledged_messages} />
              </Card>
            </div>
          </>
        )}
      </ListState>
      <DeadLetterCard />
      <UnclaimedCard />
    </AdminPage>
  );
}

function Totals({ ledger }: { ledger: Ledger }) {
  const { totals, rejected_by_reason: reasons } = ledger;
  const missing = unaccounted(totals);
  const named = Object.entries(reasons).filter(([, n]) => n > 0);
  return (
    <Card
      title={ti.ledger.title}
      testId="ledger"
      corner={<Tag tone={missing === 0 ? 'good' : 'bad'}>{missing === 0 ? ti.ledger.balanced : ti.ledger.unbalanced(count(missing))}</Tag>}
    >
      <dl className={classes.totals}>
        <div>
          <dt>{ti.ledger.received}</dt>
          <dd data-testid="ledger-received">{count(totals.received)}</dd>
        </div>
        {PARTS.map((part) => (
          <div key={part}>
            <dt>{ti.ledger[part]}</dt>
            <dd data-testid={`ledger-${part}`}>{count(totals[part])}</dd>
          </div>
        ))}
      </dl>
      {named.length === 0 ? null : (
        <p className={classes.reasons}>
          {ti.ledger.reasons}: {named.map(([reason, n]) => `${ti.reasons[reason] ?? reason} ${count(n)}`).join(' · ')}
        </p>
      )}
    </Card>
  );
}

function Queues({ queues, taken }: { queues: Ledger['queues']; taken: number | null }) {
  if (queues === null) return <p className={classes.dimmed}>{ti.queues.away}</p>;
  return (
    <dl className={classes.queues}>
      {Object.entries(queues).map(([name, depth]) => (
        <div key={name}>
          <dt>
            <code className={classes.code}>{name}</code>
          </dt>
          <dd>{depth === null ? '—' : count(depth)}</dd>
        </div>
      ))}
      <div>
        <dt>{ti.queues.taken}</dt>
        <dd data-testid="unacknowledged">{taken === null ? '—' : count(taken)}</dd>
      </div>
    </dl>
  );
}

function UnclaimedCard() {
  const [page, setPage] = useState(1);
  const query = useQuery(unclaimedQuery(page));
  return (
    <Card title={ti.unclaimed.title} testId="unclaimed">
      <p className={classes.dimmed}>{ti.unclaimed.lead}</p>
      <ListState query={query}>
        {(found) =>
          found.count === 0 ? (
            <p className={classes.none}>{ti.unclaimed.none}</p>
          ) : (
            <>
              <DataTable
                caption={ti.unclaimed.title}
                columns={UNCLAIMED}
                rows={found.results}
                rowKey={(one) => one.device_id}
                faded={query.isPlaceholderData}
              />
              <Pager page={page} size={UNCLAIMED_PAGE} total={found.count} onPage={setPage} />
            </>
          )
        }
      </ListState>
    </Card>
  );
}
