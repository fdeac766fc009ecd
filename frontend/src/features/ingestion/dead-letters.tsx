import { Button, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog } from '@/components/admin/dialog';
import { ListState } from '@/components/admin/list-state';
import { Card } from '@/components/card';
import { count, adminMessages } from '@/lib/i18n/admin';
import { deadLetterMessages as texts } from '@/lib/i18n/admin/dead-letters';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import type { DeadLetter, DeadLetters, Discard, ReplayProgress } from '@/lib/api/monitoring';
import { Letter } from './dead-letter';
import { numberOf } from './discards';
import classes from './ingestion-page.module.css';
import { deadLettersQuery, discard, discardsQuery, isReplaying, replay, replayQuery, type Choice } from './queries';

const { dead, reasons } = ingestionMessages;

function outcomeOfReplay(progress: ReplayProgress): string {
  const { replayed, failed, left, total } = progress;
  if (isReplaying(progress)) {
    const sentences = total === null ? [dead.waiting] : [dead.replaying(count(replayed), count(total))];
    return [...sentences, ...(failed === 0 ? [] : [dead.failed(count(failed))])].join(' ');
  }
  return [dead.replayed(count(replayed)), ...(left === 0 ? [] : [dead.left(count(left))])].join(' ');
}

const outcomeOfDiscard = (made: Discard): string =>
  (made.finished_at === null ? texts.discarding : texts.discarded)(count(numberOf(made)));

/** A question before something that cannot be undone, or that concerns many messages; there may be more than are listed. */
type Question = { what: 'replay' | 'discard'; choice: Choice; number: number; more: boolean };

/** The messages that could not be stored: by reason, with what can be done about each. */
export function DeadLetterCard() {
  const query = useQuery(deadLettersQuery);
  const [reason, setReason] = useState<string | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const { retry, remove, status, replaying } = useWork(() => setQuestion(null));
  const letters = query.data;
  const all = letters?.count ?? letters?.results.length ?? 0;
  const present = reasonsOf(letters);
  const chosen = reason !== null && present.includes(reason) ? reason : null;
  const chosenLetters = letters?.results.filter((letter) => chosen === null || letter.reason === chosen) ?? [];
  const retryable = chosenLetters.filter((letter) => letter.retryable && (chosen !== null || letter.reason !== 'foreign')).length;
  // The list has the oldest ones; there may be more of a reason beyond it.
  const more = letters !== undefined && all > letters.results.length;
  const work = question?.what === 'replay' ? retry : remove;

  return (
    <Card
      title={letters === undefined ? dead.title : `${dead.title} (${count(all)})`}
      testId="dead-letters"
      corner={
        <Button variant="default" size="xs" onClick={() => void query.refetch()} loading={query.isRefetching}>
          {adminMessages.refresh}
        </Button>
      }
    >
      <p className={classes.dimmed}>{dead.lead}</p>
      {chosenLetters.length === 0 ? null : (
        <div className={classes.bulk}>
          <Select
            aria-label={texts.reason}
            placeholder={texts.anyReason}
            data={present.map((code) => ({ value: code, label: reasons[code] ?? code }))}
            value={chosen}
            onChange={setReason}
            clearable
            size="xs"
            data-testid="reason-filter"
          />
          {retryable === 0 ? null : (
            <Button
              size="xs"
              variant="default"
              disabled={replaying}
              data-testid="replay-all"
              onClick={() =>
                setQuestion({
                  what: 'replay',
                  choice: chosen === null ? { all: true, retryable: true } : { all: true, reason: chosen },
                  number: retryable,
                  more,
                })
              }
            >
              {dead.replayAll}
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            data-testid="discard-all"
            onClick={() =>
              setQuestion({
                what: 'discard',
                choice: chosen === null ? { all: true } : { all: true, reason: chosen },
                number: chosen === null ? all : chosenLetters.length,
                more: chosen !== null && more,
              })
            }
          >
            {texts.discardAll}
          </Button>
        </div>
      )}
      <p role="status" className={classes.outcome} data-testid="replayed">
        {status}
      </p>
      {question === null ? <FormError error={retry.error ?? remove.error} /> : null}
      <ListState query={query}>
        {() =>
          chosenLetters.length === 0 ? (
            <p className={classes.none}>{dead.none}</p>
          ) : (
            <ul className={classes.letters}>
              {keyed(chosenLetters).map(({ key, letter }) => (
                <Letter
                  key={key}
                  letter={letter}
                  retrying={retry.isPending && isOf(retry.variables, letter)}
                  onRetry={() => retry.mutate({ message_ids: [letter.message_id] })}
                  onDiscard={() => setQuestion({ what: 'discard', choice: { message_ids: [letter.message_id] }, number: 1, more: false })}
                />
              ))}
            </ul>
          )
        }
      </ListState>
      {question === null ? null : (
        <Dialog
          title={titleOf(question)}
          onClose={() => setQuestion(null)}
          onSubmit={() => work.mutate(question.choice)}
          submit={labelOf(question)}
          danger={question.what === 'discard'}
          busy={work.isPending}
          problem={<FormError error={work.error} />}
        >
          <p>{textOf(question)}</p>
        </Dialog>
      )}
    </Card>
  );
}

/** Return the letters with keys: the same message rejected twice for the same reason has the same id. */
function keyed(letters: DeadLetter[]): { key: string; letter: DeadLetter }[] {
  const times = new Map<string, number>();
  return letters.map((letter) => {
    const before = times.get(letter.message_id) ?? 0;
    times.set(letter.message_id, before + 1);
    return { key: `${letter.message_id} ${before}`, letter };
  });
}

const isOne = ({ choice }: Question) => 'message_ids' in choice;

function titleOf(question: Question): string {
  const { what, number, more } = question;
  if (what === 'replay') return (more ? texts.retryMoreTitle : texts.retryAllTitle)(number);
  if (isOne(question)) return texts.discardOneTitle;
  return (more ? texts.discardMoreTitle : texts.discardAllTitle)(number);
}

const labelOf = (question: Question) => (question.what === 'replay' ? dead.replayAll : isOne(question) ? texts.discard : texts.discardAll);

const textOf = (question: Question) =>
  question.what === 'replay' ? dead.replayText : isOne(question) ? texts.discardText : texts.discardAllText;

const isOf = (choice: Choice | undefined, letter: DeadLetter) =>
  choice !== undefined && 'message_ids' in choice && choice.message_ids.includes(letter.message_id);

const reasonsOf = (letters: DeadLetters | undefined): string[] =>
  [...new Set(letters?.results.map((letter) => letter.reason))].toSorted((a, b) => (reasons[a] ?? a).localeCompare(reasons[b] ?? b));

/** Retry and discard, and a sentence on how far the latest of both is. */
function useWork(onDone: () => void) {
  const queryClient = useQueryClient();
  const progress = useQuery(replayQuery).data;
  const replaying = isReplaying(progress);
  const onSettled = () => queryClient.invalidateQueries({ queryKey: ['manage', 'ingestion'] });
  const remove = useMutation({ mutationFn: discard, onSuccess: onDone, onSettled });
  const retry = useMutation({
    mutationFn: replay,
    onSuccess: (data) => {
      onDone();
      remove.reset();
      queryClient.setQueryData(replayQuery.queryKey, data);
    },
    onSettled,
  });
  const list = useQuery(discardsQuery(1)).data;
  const made = list?.results.find(({ id }) => id === remove.data?.id) ?? remove.data;
  const discarding = made !== undefined && made.finished_at === null;
  useEffect(() => {
    if (!replaying && !discarding) void queryClient.invalidateQueries({ queryKey: deadLettersQuery.queryKey });
  }, [replaying, discarding, queryClient]);
  const isShown = progress !== undefined && (replaying || progress.id === retry.data?.id);
  const status = made !== undefined ? outcomeOfDiscard(made) : isShown ? outcomeOfReplay(progress) : '';
  return { retry, remove, status, replaying };
}
