import { Select, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '@/components/admin/dialog';
import { FormError } from '@/components/admin/form-error';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Card } from '@/components/card';
import type { HeldJump } from '@/lib/api/monitoring';
import { adminMessages, count } from '@/lib/i18n/admin';
import { heldMessages as texts } from '@/lib/i18n/admin/held';
import { Jump } from './held-jump';
import classes from './held.module.css';
import { energyOf, periodOf } from './labels';
import { decide, HELD_PAGE, heldQuery, type Action } from './queries';

const STATES = ['open', 'accepted', 'dismissed'] as const;
type State = (typeof STATES)[number];

type Decision = { jump: HeldJump; action: Action; note?: string };

/** The rises that a device cannot use, or those of all devices, and the decisions about them. */
export function HeldCard({ device }: { device?: string }) {
  const [state, setState] = useState<State>('open');
  const [page, setPage] = useState(1);
  const [question, setQuestion] = useState<Decision | null>(null);
  const open = useQuery(heldQuery({ device, state: 'open', page: 1 }));
  const query = useQuery(heldQuery({ device, state, page }));
  const work = useDecision(() => {
    setQuestion(null);
    setPage(1);
  });
  const number = open.data?.count ?? 0;
  const act = (jump: HeldJump, action: Action) => {
    work.reset();
    if (action === 'undo') work.mutate({ jump, action });
    else setQuestion({ jump, action });
  };
  return (
    <Card title={number === 0 ? texts.title : `${texts.title} (${count(number)})`} testId="held">
      <p className={classes.dimmed}>{texts.lead}</p>
      <Select
        className={classes.choice ?? ''}
        aria-label={texts.show}
        data={STATES.map((value) => ({ value, label: texts.states[value] ?? value }))}
        value={state}
        allowDeselect={false}
        onChange={(value) => {
          setState(STATES.find((each) => each === value) ?? 'open');
          setPage(1);
        }}
        size="xs"
        data-testid="held-state"
      />
      <p role="status" className={classes.outcome} data-testid="held-outcome">
        {outcomeOf(work.data, work.variables)}
      </p>
      {question === null ? <FormError error={work.error} /> : null}
      <ListState query={query}>
        {({ count: total, results }) =>
          total === 0 ? (
            <p className={classes.none}>{texts.none[state]}</p>
          ) : (
            <>
              <ul className={classes.jumps} data-faded={query.isPlaceholderData || undefined}>
                {results.map((jump) => (
                  <Jump
                    key={jump.id}
                    jump={jump}
                    withDevice={device === undefined}
                    busy={work.isPending && work.variables.jump.id === jump.id}
                    onAction={(action) => act(jump, action)}
                  />
                ))}
              </ul>
              <Pager page={page} size={HELD_PAGE} total={total} onPage={setPage} />
            </>
          )
        }
      </ListState>
      {question === null ? null : (
        <Question
          question={question}
          busy={work.isPending}
          error={work.error}
          onClose={() => setQuestion(null)}
          onSubmit={(note) => work.mutate({ ...question, note })}
        />
      )}
    </Card>
  );
}

type QuestionProps = { question: Decision; busy: boolean; error: Error | null; onClose: () => void; onSubmit: (note: string) => void };

function Question({ question: { jump, action }, busy, error, onClose, onSubmit }: QuestionProps) {
  const [title, text] = action === 'accept' ? [texts.acceptTitle, texts.acceptText] : [texts.dismissTitle, texts.dismissText];
  return (
    <Dialog
      title={title(energyOf(jump))}
      onClose={onClose}
      onSubmit={(form) => onSubmit(String(form.get('note') ?? ''))}
      submit={texts[action]}
      busy={busy}
      problem={<FormError error={error} />}
    >
      <p>{text(energyOf(jump), periodOf(jump))}</p>
      <Textarea name="note" label={adminMessages.notes} description={texts.noteHint} maxLength={2000} rows={2} data-autofocus />
    </Dialog>
  );
}

/** Send a decision; everything on screen that depends on the energy is read again, also when it was rejected. */
function useDecision(onDone: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ jump, action, note }: Decision) => decide(jump, action, note),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries(),
  });
}

function outcomeOf(jump: HeldJump | undefined, sent: Decision | undefined): string {
  if (jump === undefined || sent === undefined) return '';
  const words = { accept: texts.accepted, dismiss: texts.dismissed, undo: texts.undone }[sent.action];
  return words(energyOf(jump));
}
