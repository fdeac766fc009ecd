import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog } from '@/components/admin/dialog';
import { ListState } from '@/components/admin/list-state';
import { Card } from '@/components/card';
import { count, adminMessages } from '@/lib/i18n/admin';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import { rejectionDetail } from '@/lib/i18n/admin/rejection-details';
import type { DeadLetter, ReplayProgress } from '@/lib/api/monitoring';
import classes from './ingestion-page.module.css';
import { deadLettersQuery, isReplaying, replay, replayQuery } from './queries';

function outcome(progress: ReplayProgress): string {
  const { replayed, failed, left, total } = progress;
  if (isReplaying(progress)) {
    const sentences = total === null ? [ingestionMessages.dead.waiting] : [ingestionMessages.dead.replaying(count(replayed), count(total))];
    return [...sentences, ...(failed === 0 ? [] : [ingestionMessages.dead.failed(count(failed))])].join(' ');
  }
  return [ingestionMessages.dead.replayed(count(replayed)), ...(left === 0 ? [] : [ingestionMessages.dead.left(count(left))])].join(' ');
}

/** The messages that could not be stored, with their reasons, and a button that sends them again. */
export function DeadLetterCard() {
  const queryClient = useQueryClient();
  const query = useQuery(deadLettersQuery);
  const progress = useQuery(replayQuery).data;
  const replaying = isReplaying(progress);
  const [asked, setAsked] = useState(false);
  const send = useMutation({
    mutationFn: replay,
    onSuccess: (data) => {
      setAsked(false);
      queryClient.setQueryData(replayQuery.queryKey, data);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['manage', 'ingestion'] }),
  });
  useEffect(() => {
    if (!replaying) void queryClient.invalidateQueries({ queryKey: deadLettersQuery.queryKey });
  }, [replaying, queryClient]);
  const isShown = progress !== undefined && (replaying || progress.id === send.data?.id);
  const letters = query.data;
  const all = letters?.count ?? letters?.results.length ?? 0;

  return (
    <Card
      title={letters === undefined ? ingestionMessages.dead.title : `${ingestionMessages.dead.title} (${count(all)})`}
      testId="dead-letters"
      corner={
        <span className={classes.buttons}>
          <Button variant="default" size="xs" onClick={() => void query.refetch()} loading={query.isRefetching}>
            {adminMessages.refresh}
          </Button>
          {all === 0 ? null : (
            <Button size="xs" onClick={() => setAsked(true)} disabled={replaying} data-testid="replay-all">
              {ingestionMessages.dead.replayAll}
            </Button>
          )}
        </span>
      }
    >
      <p className={classes.dimmed}>{ingestionMessages.dead.lead}</p>
      <p role="status" className={classes.outcome} data-testid="replayed">
        {isShown ? outcome(progress) : ''}
      </p>
      {asked ? null : <FormError error={send.error} />}
      <ListState query={query}>
        {({ results }) =>
          results.length === 0 ? (
            <p className={classes.none}>{ingestionMessages.dead.none}</p>
          ) : (
            <ul className={classes.letters}>
              {results.map((letter) => (
                <Letter
                  key={letter.message_id}
                  letter={letter}
                  busy={send.isPending && send.variables === letter.message_id}
                  onReplay={() => send.mutate(letter.message_id)}
                />
              ))}
            </ul>
          )
        }
      </ListState>
      {asked ? (
        <Dialog
          title={ingestionMessages.dead.replayAllTitle(count(all))}
          onClose={() => setAsked(false)}
          onSubmit={() => send.mutate(null)}
          submit={ingestionMessages.dead.replayAll}
          busy={send.isPending}
          problem={<FormError error={send.error} />}
        >
          <p>{ingestionMessages.dead.replayText}</p>
        </Dialog>
      ) : null}
    </Card>
  );
}

function Letter({ letter, busy, onReplay }: { letter: DeadLetter; busy: boolean; onReplay: () => void }) {
  const reason = ingestionMessages.reasons[letter.reason] ?? letter.reason;
  return (
    <li data-reason={letter.reason}>
      <div className={classes.letter}>
        <p>
          <strong>{reason}</strong> <span className={classes.dimmed}>{rejectionDetail(letter.reason, letter.detail)}</span>
        </p>
        <pre className={classes.body}>{letter.body_truncated ? `${letter.body}…` : letter.body}</pre>
      </div>
      <Button
        variant="default"
        size="xs"
        onClick={onReplay}
        loading={busy}
        aria-label={`${ingestionMessages.dead.replay}: ${reason}, ${letter.message_id}`}
        data-testid="replay-one"
      >
        {ingestionMessages.dead.replay}
      </Button>
    </li>
  );
}
