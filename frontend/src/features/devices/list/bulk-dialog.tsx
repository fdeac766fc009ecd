import { Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '@/components/admin/dialog';
import { FormError } from '@/components/admin/form-error';
import { adminMessages, count } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { serverText } from '@/lib/i18n/server-texts';
import type { BulkAction, BulkReport } from '@/lib/transport/admin-types';
import { fieldErrors } from '@/lib/transport/field-errors';
import type { ApiError } from '@/lib/transport/http';
import classes from './devices-page.module.css';
import { act, type BulkValues, type SelectedDevices } from '../queries';
import { UserSelect } from '../user-select';

const WORDS = deviceMessages.bulk;

/** Rejected devices that are listed by name. */
const MOST_LISTED = 20;

type BulkDialogProps = {
  action: BulkAction;
  selected: SelectedDevices;
  number: number;
  onClose: () => void;
  /** Called when each device is done or unchanged. */
  onDone: (message: string) => void;
};

/** A rejection because the list is another one than the user saw. */
function explain(error: ApiError): string | null {
  const { count: now } = error.members;
  return error.code === 'list_changed' && typeof now === 'number' ? WORDS.changed(count(now)) : null;
}

/** The question before an action on many devices; if some are rejected, it names them afterwards. */
export function BulkDialog({ action, selected, number, onClose, onDone }: BulkDialogProps) {
  const queryClient = useQueryClient();
  const [user, setUser] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const send = useMutation({
    mutationFn: (values: BulkValues) => act(action, selected, values),
    onSuccess: (report) => {
      if (report.rejected === 0) onDone(summary(report));
    },
    onSettled: () => queryClient.invalidateQueries(),
  });
  const rejected = fieldErrors(send.error);

  const submit = (form: FormData) => {
    if (send.data !== undefined) {
      onDone(summary(send.data));
      return;
    }
    const notes = String(form.get('notes') ?? '').trim();
    const location = String(form.get('location') ?? '').trim();
    setMissing(action === 'assign' && user === null);
    if (action === 'assign' && user === null) return;
    send.mutate({ notes, ...(user === null ? {} : { user_id: user }), ...(location === '' ? {} : { location }) });
  };

  return (
    <Dialog
      title={WORDS.titles[action](number)}
      onClose={onClose}
      onSubmit={submit}
      submit={send.data === undefined ? WORDS[action] : adminMessages.close}
      busy={send.isPending}
      problem={<FormError error={send.error} explain={explain} others={Object.values(rejected)} />}
    >
      {send.data === undefined ? (
        <>
          {action === 'recall' ? <p>{WORDS.recallText}</p> : null}
          {action === 'assign' ? (
            <div>
              <UserSelect
                label={adminMessages.assignments.pick}
                shown
                placeholder={adminMessages.assignments.pickHint}
                value={user}
                onChange={setUser}
                testId="bulk-user"
              />
              {missing ? <p role="alert" className={classes.missing}>{adminMessages.required}</p> : null}
            </div>
          ) : null}
          {action === 'deploy' ? <TextInput name="location" label={WORDS.location} description={WORDS.locationHint} data-autofocus /> : null}
          <Textarea name="notes" label={adminMessages.notes} description={adminMessages.notesHint} rows={2} />
        </>
      ) : (
        <Rejections report={send.data} />
      )}
    </Dialog>
  );
}

function summary({ done, unchanged }: BulkReport): string {
  return [WORDS.done(done), ...(unchanged === 0 ? [] : [WORDS.unchanged(unchanged)])].join(' ');
}

function Rejections({ report }: { report: BulkReport }) {
  const rejected = report.results.filter(({ result }) => result === 'rejected');
  return (
    <div role="status" data-testid="bulk-report">
      <p>{summary(report)}</p>
      <p>{WORDS.rejected(report.rejected)}</p>
      <ul className={classes.rejections}>
        {rejected.slice(0, MOST_LISTED).map(({ id, name, code = '', detail = '' }) => (
          <li key={id}>
            <strong>{name || id}</strong>: {serverText(code, detail)}
          </li>
        ))}
      </ul>
      {rejected.length > MOST_LISTED ? <p>{WORDS.more(count(rejected.length - MOST_LISTED))}</p> : null}
    </div>
  );
}
