import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog } from '@/components/admin/dialog';
import { adminMessages } from '@/lib/i18n/admin';
import { STATUSES, type Device, type DeviceStatus } from '@/lib/transport/admin-types';
import { stepsFrom, type Step } from '../device-lifecycle';
import { fieldErrors } from '@/lib/transport/field-errors';
import type { ApiError } from '@/lib/transport/http';
import classes from './device-page.module.css';
import { takeStep } from '../queries';

/** The buttons of the steps that this device may take now. */
export function LifecycleSteps({ device, onDone }: { device: Device; onDone: (message: string) => void }) {
  const [asked, setAsked] = useState<Step | null>(null);
  const steps = stepsFrom(device.status);
  return (
    <>
      {steps.length === 0 ? (
        <p className={classes.dimmed}>{adminMessages.lifecycle.final}</p>
      ) : (
        <div className={classes.steps} role="group" aria-label={adminMessages.lifecycle.title} data-testid="steps">
          {steps.map((step) => (
            // Only a device that is not deployed has a step that one expects of it.
            <Button
              key={step}
              variant={step === 'deploy' ? 'filled' : 'default'}
              onClick={() => setAsked(step)}
              data-testid={`step-${step}`}
            >
              {adminMessages.lifecycle.steps[step]}
            </Button>
          ))}
        </div>
      )}
      {/* Stays when the device has no step any more: it says why the last step was rejected. */}
      {asked === null ? null : (
        <StepQuestion
          device={device}
          step={asked}
          onClose={() => setAsked(null)}
          onDone={() => {
            setAsked(null);
            onDone(adminMessages.saved);
          }}
        />
      )}
    </>
  );
}

/** Return the steps that are allowed now, for a step that was rejected because the status has changed meanwhile. */
function explainConflict(error: ApiError): string | null {
  const { allowed } = error.members;
  if (error.status !== 409 || !Array.isArray(allowed)) return null;
  const known = STATUSES.filter((status: DeviceStatus) => allowed.includes(status));
  const names = known.map((status) => adminMessages.devices.statuses[status]).join(', ');
  return adminMessages.lifecycle.conflict(names === '' ? adminMessages.lifecycle.nothing : names);
}

type StepQuestionProps = { device: Device; step: Step; onClose: () => void; onDone: () => void };

function StepQuestion({ device, step, onClose, onDone }: StepQuestionProps) {
  const queryClient = useQueryClient();
  const [missing, setMissing] = useState(false);
  const take = useMutation({
    mutationFn: (fields: { location?: string; notes: string }) => takeStep(device.id, step, fields),
    onSuccess: onDone,
    // Also after a rejection: the device may have changed meanwhile.
    onSettled: () => queryClient.invalidateQueries(),
  });
  const rejected = fieldErrors(take.error);

  const submit = (form: FormData) => {
    const notes = String(form.get('notes') ?? '').trim();
    if (step !== 'deploy') {
      take.mutate({ notes });
      return;
    }
    const location = String(form.get('location') ?? '').trim();
    setMissing(location === '');
    if (location !== '') take.mutate({ location, notes });
  };

  const text = step === 'retire' ? adminMessages.lifecycle.retireText : step === 'recall' ? adminMessages.lifecycle.recallText : null;
  return (
    <Dialog
      title={adminMessages.lifecycle.confirm(adminMessages.lifecycle.steps[step], device.name)}
      onClose={onClose}
      onSubmit={submit}
      submit={adminMessages.lifecycle.steps[step]}
      danger={step === 'retire'}
      busy={take.isPending}
      problem={<FormError error={take.error} explain={explainConflict} quiet={Object.keys(rejected).length > 0} />}
    >
      {text === null ? null : <p>{text}</p>}
      {step === 'deploy' ? (
        <TextInput
          name="location"
          label={adminMessages.lifecycle.location}
          defaultValue={device.location}
          error={missing ? adminMessages.required : (rejected.location ?? null)}
          required
          data-autofocus
        />
      ) : null}
      <Textarea
        name="notes"
        label={adminMessages.notes}
        description={adminMessages.notesHint}
        error={rejected.notes ?? null}
        rows={2}
        {...(step === 'deploy' ? {} : { 'data-autofocus': true })}
      />
    </Dialog>
  );
}
