import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, type Column } from '@/components/admin/data-table';
import { HeldCard } from '@/components/admin/held/held-card';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Tag } from '@/components/admin/tag';
import { Card } from '@/components/card';
import { count, adminMessages } from '@/lib/i18n/admin';
import { heldMessages } from '@/lib/i18n/admin/held';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import { exact } from '@/lib/labels/format';
import { momentSeconds } from '@/lib/labels/moments';
import type { Ledger, Unregistered } from '@/lib/api/monitoring';
import { unaccounted } from './balance';
import { DeadLetterCard } from './dead-letters';
import { DeviceStatesCard } from './device-states-card';
import { DiscardsCard } from './discards';
import classes from './ingestion-page.module.css';
import { PerMinute } from './per-minute';
import { ledgerQuery, UNREGISTERED_PAGE, unregisteredQuery } from './queries';

const PARTS = ['stored', 'corrected', 'duplicates', 'rejected'] as const;

/** "15 min", "90 s" */
const every = (seconds: number) => (seconds % 60 === 0 ? `${count(seconds / 60)} min` : `${count(seconds)} s`);

const UNREGISTERED: Column<Unregistered>[] = [
  { key: 'id', head: ingestionMessages.unregistered.id, cell: (device) => <code className={classes.code}>{device.device_id}</code> },
  { key: 'readings', head: ingestionMessages.unregistered.readings, align: 'end', cell: (device) => count(device.readings) },
  {
    key: 'value',
    head: ingestionMessages.unregistered.value,
    align: 'end',
    cell: ({ last_reading_value: kwh }) => (kwh === null ? '—' : `${exact(kwh)} kWh`),
  },
  {
    key: 'interval',
    head: ingestionMessages.unregistered.interval,
    align: 'end',
    cell: ({ interval_seconds: seconds }) => (seconds === null ? '—' : every(seconds)),
  },
  { key: 'first', head: ingestionMessages.unregistered.first, align: 'end', cell: (device) => momentSeconds(device.first_seen_at) },
  {
    key: 'last',
    head: ingestionMessages.unregistered.last,
    align: 'end',
    cell: (device) => (device.last_reading_at === null ? '—' : momentSeconds(device.last_reading_at)),
  },
  {
    key: 'register',
    head: adminMessages.actions,
    align: 'end',
    actions: true,
    cell: (device) => (
      <Button
        component={Link}
        to={`/manage/devices?${new URLSearchParams({ register: device.device_id }).toString()}`}
        size="compact-sm"
        variant="default"
        aria-label={ingestionMessages.unregistered.registerOf(device.device_id)}
        data-testid="register"
      >
        {ingestionMessages.unregistered.register}
      </Button>
    ),
  },
];

export function IngestionPage() {
  const query = useQuery(ledgerQuery);
  return (
    <AdminPage title={ingestionMessages.title} lead={ingestionMessages.lead}>
      <ListState query={query}>
        {(ledger) => (
          <>
            <Totals ledger={ledger} />
            <div className={classes.columns}>
              <Card title={ingestionMessages.perMinute.title}>
                <PerMinute minutes={ledger.per_minute} />
              </Card>
              <Card title={ingestionMessages.queues.title}>
                <Queues queues={ledger.queues} taken={ledger.unacknowledged_messages} />
              </Card>
            </div>
          </>
        )}
      </ListState>
      <DeviceStatesCard />
      <HeldCard />
      <DeadLetterCard />
      <DiscardsCard />
      <UnregisteredCard />
    </AdminPage>
  );
}

function Totals({ ledger }: { ledger: Ledger }) {
  const { totals, rejected_by_reason: reasons, held } = ledger;
  const missing = unaccounted(totals);
  const named = Object.entries(reasons).filter(([, n]) => n > 0);
  return (
    <Card
      title={ingestionMessages.ledger.title}
      testId="ledger"
      corner={<Tag tone={missing === 0 ? 'good' : 'bad'}>{missing === 0 ? ingestionMessages.ledger.balanced : ingestionMessages.ledger.unbalanced(count(missing))}</Tag>}
    >
      <dl className={classes.totals}>
        <div>
          <dt>{ingestionMessages.ledger.received}</dt>
          <dd data-testid="ledger-received">{count(totals.received)}</dd>
        </div>
        {PARTS.map((part) => (
          <div key={part}>
            <dt>{ingestionMessages.ledger[part]}</dt>
            <dd data-testid={`ledger-${part}`}>{count(totals[part])}</dd>
          </div>
        ))}
      </dl>
      {named.length === 0 ? null : (
        <p className={classes.reasons}>
          {ingestionMessages.ledger.reasons}: {named.map(([reason, n]) => `${ingestionMessages.reasons[reason] ?? reason} ${count(n)}`).join(' · ')}
        </p>
      )}
      {held.open === 0 ? null : (
        <p className={classes.reasons} data-testid="ledger-held">
          {heldMessages.ledger(count(held.open), Object.entries(held.energy).map(([unit, energy]) => `${exact(energy)} ${unit}`).join(', '))}
        </p>
      )}
    </Card>
  );
}

function Queues({ queues, taken }: { queues: Ledger['queues']; taken: number | null }) {
  if (queues === null) return <p className={classes.dimmed}>{ingestionMessages.queues.unavailable}</p>;
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
        <dt>{ingestionMessages.queues.taken}</dt>
        <dd data-testid="unacknowledged">{taken === null ? '—' : count(taken)}</dd>
      </div>
    </dl>
  );
}

function UnregisteredCard() {
  const [page, setPage] = useState(1);
  const query = useQuery(unregisteredQuery(page));
  return (
    <Card title={ingestionMessages.unregistered.title} testId="unregistered">
      <p className={classes.dimmed}>{ingestionMessages.unregistered.lead}</p>
      <ListState query={query}>
        {(list) =>
          list.count === 0 ? (
            <p className={classes.none}>{ingestionMessages.unregistered.none}</p>
          ) : (
            <>
              <DataTable
                caption={ingestionMessages.unregistered.title}
                columns={UNREGISTERED}
                rows={list.results}
                rowKey={(device) => device.device_id}
                faded={query.isPlaceholderData}
              />
              <Pager page={page} size={UNREGISTERED_PAGE} total={list.count} onPage={setPage} />
            </>
          )
        }
      </ListState>
    </Card>
  );
}
