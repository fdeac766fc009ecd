import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable, type Column } from '@/components/admin/data-table';
import { Dialog } from '@/components/admin/dialog';
import { FormError } from '@/components/admin/form-error';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Tag } from '@/components/admin/tag';
import { Card } from '@/components/card';
import type { Session } from '@/lib/api/auth';
import { accountMessages } from '@/lib/i18n/account';
import { t } from '@/lib/i18n/messages';
import { moment } from '@/lib/labels/moments';
import { session } from '@/lib/session/session';
import { endOtherSessions, endSession, PAGE_SIZE, SESSIONS, sessionsQuery } from './queries';
import classes from './profile-page.module.css';

const words = accountMessages.sessions;

/** "Firefox on Windows" */
export function deviceOf({ program, system }: Pick<Session, 'program' | 'system'>): string {
  if (program === '' || system === '') return program || system || words.unknown;
  return words.on(program, system);
}

function columns(onEnd: (row: Session) => void): Column<Session>[] {
  return [
    {
      key: 'device',
      head: words.device,
      cell: (row) => (
        <span className={classes.name}>
          {deviceOf(row)}
          {row.current ? <Tag tone="good">{words.current}</Tag> : null}
        </span>
      ),
    },
    { key: 'used', head: words.lastUsed, tight: true, cell: (row) => moment(row.last_used_at) },
    { key: 'created', head: words.created, tight: true, cell: (row) => moment(row.created_at) },
    { key: 'address', head: words.address, cell: (row) => row.address ?? t.none },
    {
      key: 'actions',
      head: words.actions,
      align: 'end',
      actions: true,
      // This session ends by logging out, which the menu offers.
      cell: (row) =>
        row.current ? null : (
          <Button variant="default" size="xs" aria-label={words.endOf(deviceOf(row))} onClick={() => onEnd(row)}>
            {words.end}
          </Button>
        ),
    },
  ];
}

/** The sessions of the user, and the ways to end them. */
export function SessionsCard({ onDone }: { onDone: (message: string) => void }) {
  const queryClient = useQueryClient();
  const [page, setPage] = useState(1);
  const [asking, setAsking] = useState<'others' | 'everywhere' | null>(null);
  const query = useQuery(sessionsQuery(page));
  const ended = async (message: string) => {
    setPage(1);
    setAsking(null);
    onDone(message);
    await queryClient.invalidateQueries({ queryKey: SESSIONS });
  };
  const end = useMutation({ mutationFn: endSession, onSuccess: (_, row: Session) => ended(words.ended(deviceOf(row))) });
  const others = (query.data?.count ?? 1) - 1;

  return (
    <Card title={words.title} testId="own-sessions" busy={query.isPlaceholderData || end.isPending}>
      <ListState query={query}>
        {(list) => (
          <>
            <DataTable
              caption={words.caption}
              columns={columns(end.mutate)}
              rows={list.results}
              rowKey={(row) => row.id}
              faded={query.isPlaceholderData || end.isPending}
              testId="sessions"
            />
            <FormError error={end.error} />
            {list.count > PAGE_SIZE ? <Pager page={page} size={PAGE_SIZE} total={list.count} onPage={setPage} /> : null}
          </>
        )}
      </ListState>
      <div className={classes.form}>
        <div className={classes.buttons}>
          {others > 0 ? (
            <Button variant="default" onClick={() => setAsking('others')} data-testid="end-others">
              {words.others}
            </Button>
          ) : null}
          <Button variant="default" onClick={() => setAsking('everywhere')} data-testid="log-out-everywhere">
            {words.everywhere}
          </Button>
        </div>
      </div>
      {asking === null ? null : (
        <ConfirmEnd which={asking} others={others} onClose={() => setAsking(null)} onDone={() => ended(words.othersDone)} />
      )}
    </Card>
  );
}

type ConfirmEndProps = { which: 'others' | 'everywhere'; others: number; onClose: () => void; onDone: () => Promise<void> };

/** A question before several sessions end. */
function ConfirmEnd({ which, others, onClose, onDone }: ConfirmEndProps) {
  const end = useMutation({
    mutationFn: () => (which === 'others' ? endOtherSessions() : session.logoutEverywhere()),
    onSuccess: () => (which === 'others' ? onDone() : undefined),
  });
  return (
    <Dialog
      title={which === 'others' ? words.othersTitle(others) : words.everywhereTitle}
      onClose={onClose}
      onSubmit={() => end.mutate()}
      submit={words[which]}
      danger
      busy={end.isPending}
      problem={<FormError error={end.error} />}
    >
      <p>{which === 'others' ? words.othersText : words.everywhereText}</p>
    </Dialog>
  );
}
