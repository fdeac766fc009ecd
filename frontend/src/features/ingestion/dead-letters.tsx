import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ActionProblem } from '@/components/admin/action-problem';
import { Dialog } from '@/components/admin/dialog';
import { ListState } from '@/components/admin/list-state';
import { Card } from '@/components/card';
import { count, ta } from '@/lib/i18n/admin';
import { ti } from '@/lib/i18n/admin/ingestion';
import type { DeadLetter, ReplayProgress } from '@/lib/api/monitoring';
import classes from './ingestion-page.module.css';
import { deadLettersQuery, isReplaying, replay, replayQuery } from './queries';

function outcome(progress: ReplayProgress): string {
  const { replayed, failed, left, total } = progress;
  if (isReplaying(progress)) {
    const sentences = total === null ? [ti.dead.waiting] : [ti.dead.replaying(count(replayed), count(total))];
    return [...sentences, ...(failed === 0 ? [] : [ti.dead.failed(count(failed))])].join(' ');
  }
  return [ti.dead.replayed(count(replayed)), ...(left === 0 ? [] : [ti.dead.left(count(left))])].join(' ');
}

/** What could not be stored, why, and sending it again. */
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
  const found = query.data;
  const all = found?.count ?? found?.results.length ?? 0;

  return (
    <Card
      title={found === undefined ? ti.dead.title : `${ti.dead.title} (${count(all)})`}
      testId="dead-letters"
      corner={
        <span className={classes.buttons}>
          <Button variant="default" size="xs" onClick={() => void query.refetch()} loading={query.isRefetching}>
            {ta.refresh}
          </Button>
          {all === 0 ? null : (
            <Button size="xs" onClick={() => setAsked(true)} disabled={replaying} data-testid="replay-all">
              {ti.dead.replayAll}
            </Button>
          )}
        </span>
      }
    >
      <p className={classes.dimmed}>{ti.dead.lead}</p>
      <p role="status" className={classes.outcome} data-testid="replayed">
        {isShown ? outcome(progress) : ''}
      </p>
      {asked ? null : <ActionProblem error={send.error} />}
      <ListState query={query}>
        {({ results }) =>
          results.length === 0 ? (
            <p className={classes.none}>{ti.dead.none}</p>
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
          title={ti.dead.replayAllTitle(count(all))}
          onClose={() => setAsked(false)}
          onSubmit={() => send.mutate(null)}
          submit={ti.dead.replayAll}
          busy={send.isPending}
          problem={<ActionProblem error={send.error} />}
        >
          <p>{ti.dead.replayText}</p>
        </Dialog>
      ) : null}
    </Card>
  );
}

function Letter({ letter, busy, onReplay }: { letter: DeadLetter; busy: boolean; onReplay: () => void }) {
  const reason = ti.reasons[letter.reason] ?? letter.reason;
  return (
    <li data-reason={letter.reason}>
      <div className={classes.letter}>
        <p>
          <strong>{reason}</strong> <span className={classes.dimmed}>{letter.detail}</span>
        </p>
        <pre className={classes.body}>{letter.body_truncated ? `${letter.body}…` : letter.body}</pre>
      </div>
      <Button
        variant="default"
        size="xs"
        onClick={onReplay}
        loading={busy}
        aria-label={`${ti.dead.replay}: ${reason}, ${letter.message_id}`}
        data-testid="replay-one"
      >
        {ti.dead.replay}
      </Button>
    </li>
  );
}
