import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog, FieldGrid } from '@/components/admin/dialog';
import { adminMessages } from '@/lib/i18n/admin';
import { meterMessages } from '@/lib/i18n/admin/meters';
import { moment } from '@/lib/labels/moments';
import type { Channel, Device } from '@/lib/transport/admin-types';
import { fieldErrors, otherErrors } from '@/lib/transport/field-errors';
import { activityQuery, replaceMeter, type Replacement } from '../queries';
import { localMinute, registersFrom } from './replacement';

/** Below the field: a hint above it would push it out of line with its neighbour. */
const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
const NUMBER = { min: 0, decimalScale: 6, hideControls: true, allowedDecimalSeparators: ['.', ','], inputWrapperOrder: ORDER };

const FIELDS = ['replaced_at', 'serial_number', 'register_digits', 'multiplier', 'notes'];

/** The form of a replacement: it proposes now, the last reading as the closing register, and 0 as the opening one. */
export function ReplaceMeter({ device, onClose, onDone }: { device: Device; onClose: () => void; onDone: () => void }) {
  const queryClient = useQueryClient();
  const [now] = useState(() => localMinute(new Date()));
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());
  const activity = useQuery(activityQuery([device.id])).data?.get(device.id);
  const replace = useMutation({
    mutationFn: (values: Replacement) => replaceMeter(device.id, values),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries(),
  });
  const rejected = fieldErrors(replace.error);
  const errorOf = (field: string) => (missing.has(field) ? adminMessages.required : (rejected[field] ?? null));
  const counters = device.channels.filter((channel) => channel.reading_kind === 'cumulative');
  const lastAt = activity?.last_reading_at ?? null;

  const submit = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const empty = ['replaced_at', 'serial_number'].filter((name) => text(name) === '');
    setMissing(new Set(empty));
    if (empty.length > 0) return;
    const codes = counters.map(({ code }) => code);
    const digits = text('register_digits');
    replace.mutate({
      replaced_at: new Date(text('replaced_at')).toISOString(),
      serial_number: text('serial_number'),
      closing: registersFrom(form, 'closing', codes),
      opening: registersFrom(form, 'opening', codes),
      register_digits: digits === '' ? null : Number(digits),
      multiplier: Number(text('multiplier') || '1'),
      notes: text('notes'),
    });
  };

  return (
    <Dialog
      title={meterMessages.replaceTitle(device.name)}
      onClose={onClose}
      onSubmit={submit}
      submit={meterMessages.replace}
      busy={replace.isPending}
      wide
      problem={
        <FormError error={replace.error} others={otherErrors(replace.error, FIELDS)} quiet={FIELDS.some((name) => name in rejected)} />
      }
    >
      <p>{meterMessages.replaceText(device.serial_number)}</p>
      <FieldGrid>
        <TextInput
          name="serial_number"
          label={meterMessages.newSerial}
          error={errorOf('serial_number')}
          maxLength={100}
          required
          data-autofocus
        />
        <TextInput
          type="datetime-local"
          name="replaced_at"
          label={meterMessages.replacedAt}
          description={meterMessages.localTime}
          defaultValue={now}
          error={errorOf('replaced_at')}
          inputWrapperOrder={ORDER}
          required
        />
        {counters.map((channel) => (
          <Registers
            key={channel.code}
            channel={channel}
            // Only the registers of `main` are counted, so only of these a last one is known.
            proposed={channel.code === 'main' ? (activity?.last_reading_value ?? null) : null}
            hint={channel.code === 'main' && lastAt !== null ? meterMessages.lastReading(moment(lastAt)) : meterMessages.unknownHint}
          />
        ))}
        <NumberInput
          name="register_digits"
          label={adminMessages.devices.fields.register_digits}
          defaultValue={device.register_digits ?? ''}
          error={errorOf('register_digits')}
          {...NUMBER}
          min={1}
          max={9}
          allowDecimal={false}
          inputMode="numeric"
        />
        <NumberInput
          name="multiplier"
          label={meterMessages.multiplier}
          description={meterMessages.multiplierHint}
          defaultValue={1}
          error={errorOf('multiplier')}
          {...NUMBER}
          inputMode="decimal"
        />
      </FieldGrid>
      <Textarea name="notes" label={adminMessages.notes} description={adminMessages.notesHint} error={errorOf('notes')} rows={2} />
    </Dialog>
  );
}

type RegistersProps = { channel: Channel; proposed: number | null; hint: string };

/** The closing and the opening register of a channel; an empty one is unknown. */
function Registers({ channel, proposed, hint }: RegistersProps) {
  const name = channel.code === 'main' ? '' : ` (${channel.name || channel.code})`;
  return (
    <>
      <NumberInput
        // Again when the last reading arrives: the proposal is a default value.
        key={proposed}
        name={`closing.${channel.code}`}
        label={`${meterMessages.closing}${name}`}
        description={hint}
        defaultValue={proposed ?? ''}
        {...NUMBER}
        inputMode="decimal"
      />
      <NumberInput
        name={`opening.${channel.code}`}
        label={`${meterMessages.opening}${name}`}
        description={meterMessages.openingHint}
        defaultValue={0}
        {...NUMBER}
        inputMode="decimal"
      />
    </>
  );
}
