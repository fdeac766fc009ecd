import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionProblem } from '@/components/admin/action-problem';
import { Dialog } from '@/components/admin/dialog';
import { ListState } from '@/components/admin/list-state';
import { Card } from '@/components/card';
import { ta } from '@/lib/i18n/admin';
import type { Assignment, Device } from '@/lib/transport/admin-types';
import { fieldErrors } from '@/lib/transport/field-errors';
import { moment } from '@/lib/labels/moments';
import classes from './device-page.module.css';
import { assign, assignmentsQuery, endAssignment } from './queries';
import { UserSelect } from './user-select';

const nameOf = (one: Assignment) => one.username || ta.assignments.gone;

/** Who has the device, who had it, and giving it to somebody more. */
export function Assignments({ device, onDone }: { device: Device; onDone: (said: string) => void }) {
  const queryClient = useQueryClient();
  const query = useQuery(assignmentsQuery(device.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [ending, setEnding] = useState<Assignment | null>(null);
  const give = useMutation({
    mutationFn: (userId: string) => assign(device.id, userId),
    onSuccess: async () => {
      setChosen(null);
      await queryClient.invalidateQueries();
      onDone(ta.saved);
    },
  });

  return (
    <Card title={ta.assignments.title} testId="assignments">
      <form
        className={classes.assign}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== null) give.mutate(chosen);
        }}
      >
        <UserSelect
          className={classes.pick}
          label={ta.assignments.pick}
          placeholder={ta.assignments.pickHint}
          value={chosen}
          onChange={setChosen}
          testId="assign-user"
        />
        <Button type="submit" disabled={chosen === null} loading={give.isPending} data-testid="assign">
          {ta.assignments.assign}
        </Button>
      </form>
      <ActionProblem error={give.error} others={Object.values(fieldErrors(give.error))} />
      <ListState query={query}>
        {({ results }) => (
          <Holders
            present={results.filter((one) => one.ended_at === null)}
            past={results.filter((one) => one.ended_at !== null)}
            onEnd={setEnding}
          />
        )}
      </ListState>
      {ending === null ? null : (
        <EndQuestion
          assignment={ending}
          onClose={() => setEnding(null)}
          onDone={() => {
            setEnding(null);
            onDone(ta.saved);
          }}
        />
      )}
    </Card>
  );
}

type HoldersProps = { present: Assignment[]; past: Assignment[]; onEnd: (assignment: Assignment) => void };

function Holders({ present, past, onEnd }: HoldersProps) {
  return (
    <>
      {present.length === 0 ? <p className={classes.dimmed}>{ta.assignments.none}</p> : null}
      <ul className={classes.holders} data-testid="holders">
        {present.map((one) => (
          <li key={one.user_id}>
            <span>
              <strong>{nameOf(one)}</strong>
              <span className={classes.dimmed}> {ta.assignments.since(moment(one.assigned_at))}</span>
            </span>
            <Button
              variant="default"
              size="xs"
              onClick={() => onEnd(one)}
              aria-label={ta.assignments.endOf(nameOf(one))}
              data-testid="assignment-end"
            >
              {ta.assignments.end}
            </Button>
          </li>
        ))}
      </ul>
      {past.length === 0 ? null : (
        <>
          <h3 className={classes.subtitle}>{ta.assignments.history}</h3>
          <ul className={classes.holders}>
            {past.map((one) => (
              <li key={`${one.user_id} ${one.assigned_at}`}>
                <span>
                  {nameOf(one)}
                  <span className={classes.dimmed}>
                    {' '}
                    {ta.assignments.period(moment(one.assigned_at), moment(one.ended_at ?? one.assigned_at))}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

type EndQuestionProps = { assignment: Assignment; onClose: () => void; onDone: () => void };

function EndQuestion({ assignment, onClose, onDone }: EndQuestionProps) {
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: () => endAssignment(assignment.device_id, assignment.user_id),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      onDone();
    },
  });
  return (
    <Dialog
      title={ta.assignments.endTitle(nameOf(assignment))}
      onClose={onClose}
      onSubmit={() => end.mutate()}
      submit={ta.assignments.end}
      danger
      busy={end.isPending}
      problem={<ActionProblem error={end.error} />}
    >
      <p>{ta.assignments.endText}</p>
    </Dialog>
  );
}
