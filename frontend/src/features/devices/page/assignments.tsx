import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog } from '@/components/admin/dialog';
import { ListState } from '@/components/admin/list-state';
import { Card } from '@/components/card';
import { adminMessages } from '@/lib/i18n/admin';
import type { Assignment, Device } from '@/lib/transport/admin-types';
import { fieldErrors } from '@/lib/transport/field-errors';
import { moment } from '@/lib/labels/moments';
import classes from './device-page.module.css';
import { assign, assignmentsQuery, endAssignment } from '../queries';
import { UserSelect } from '../user-select';

const nameOf = (assignment: Assignment) => assignment.username || adminMessages.assignments.gone;

/** The users who may see the device now and those who could, and a form to add a user. */
export function Assignments({ device, onDone }: { device: Device; onDone: (message: string) => void }) {
  const queryClient = useQueryClient();
  const query = useQuery(assignmentsQuery(device.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [ending, setEnding] = useState<Assignment | null>(null);
  const give = useMutation({
    mutationFn: (userId: string) => assign(device.id, userId),
    onSuccess: async () => {
      setChosen(null);
      await queryClient.invalidateQueries();
      onDone(adminMessages.saved);
    },
  });

  return (
    <Card title={adminMessages.assignments.title} testId="assignments">
      <form
        className={classes.assign}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== null) give.mutate(chosen);
        }}
      >
        <UserSelect
          className={classes.pick}
          label={adminMessages.assignments.pick}
          placeholder={adminMessages.assignments.pickHint}
          value={chosen}
          onChange={setChosen}
          testId="assign-user"
        />
        <Button type="submit" disabled={chosen === null} loading={give.isPending} data-testid="assign">
          {adminMessages.assignments.assign}
        </Button>
      </form>
      <FormError error={give.error} others={Object.values(fieldErrors(give.error))} />
      <ListState query={query}>
        {({ results }) => (
          <Holders
            present={results.filter((assignment) => assignment.ended_at === null)}
            past={results.filter((assignment) => assignment.ended_at !== null)}
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
            onDone(adminMessages.saved);
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
      {present.length === 0 ? <p className={classes.dimmed}>{adminMessages.assignments.none}</p> : null}
      <ul className={classes.holders} data-testid="holders">
        {present.map((assignment) => (
          <li key={assignment.user_id}>
            <span>
              <strong>{nameOf(assignment)}</strong>
              <span className={classes.dimmed}> {adminMessages.assignments.since(moment(assignment.assigned_at))}</span>
            </span>
            <Button
              variant="default"
              size="xs"
              onClick={() => onEnd(assignment)}
              aria-label={adminMessages.assignments.endOf(nameOf(assignment))}
              data-testid="assignment-end"
            >
              {adminMessages.assignments.end}
            </Button>
          </li>
        ))}
      </ul>
      {past.length === 0 ? null : (
        <>
          <h3 className={classes.subtitle}>{adminMessages.assignments.history}</h3>
          <ul className={classes.holders}>
            {past.map((assignment) => (
              <li key={`${assignment.user_id} ${assignment.assigned_at}`}>
                <span>
                  {nameOf(assignment)}
                  <span className={classes.dimmed}>
                    {' '}
                    {adminMessages.assignments.period(moment(assignment.assigned_at), moment(assignment.ended_at ?? assignment.assigned_at))}
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
      title={adminMessages.assignments.endTitle(nameOf(assignment))}
      onClose={onClose}
      onSubmit={() => end.mutate()}
      submit={adminMessages.assignments.end}
      danger
      busy={end.isPending}
      problem={<FormError error={end.error} />}
    >
      <p>{adminMessages.assignments.endText}</p>
    </Dialog>
  );
}
