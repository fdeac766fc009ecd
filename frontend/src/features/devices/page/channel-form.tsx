import { NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FormError } from '@/components/admin/form-error';
import { Dialog, FieldGrid } from '@/components/admin/dialog';
import { adminMessages } from '@/lib/i18n/admin';
import { channelMessages } from '@/lib/i18n/admin/channels';
import type { Channel, Device } from '@/lib/transport/admin-types';
import { fieldErrors, otherErrors } from '@/lib/transport/field-errors';
import { addChannel, changeChannel, type ChannelValues } from '../queries';

const NUMBERS = ['interval_seconds', 'register_digits', 'register_wraps_at', 'max_power'] as const;
const TEXTS = ['code', 'name', 'quantity', 'flow', 'reading_kind', 'negative_channel'] as const;
const FIELDS = [...TEXTS, ...NUMBERS];
/** The value of a choice that means none: an empty one cannot be chosen. */
const NOWHERE = '-none-';

type ChannelFormProps = { device: Device; channel: Channel | null; onClose: () => void; onDone: () => void };

/** The form of a new channel, or of `channel`, whose code stays. */
export function ChannelForm({ device, channel, onClose, onDone }: ChannelFormProps) {
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (values: ChannelValues) =>
      channel === null ? addChannel(device.id, values) : changeChannel(device.id, channel.code, values),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries(),
  });
  const rejected = fieldErrors(save.error);
  const { fields, kinds } = adminMessages.devices;
  const others = device.channels.filter(({ code }) => code !== channel?.code);

  const submit = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const numbers = NUMBERS.map((name) => [name, text(name) === '' ? null : Number(text(name))] as const);
    save.mutate({
      ...Object.fromEntries(numbers),
      code: channel?.code ?? text('code'),
      name: text('name'),
      quantity: text('quantity') as Channel['quantity'],
      flow: text('flow') as Channel['flow'],
      reading_kind: text('reading_kind') as Channel['reading_kind'],
      negative_channel: text('negative_channel') === NOWHERE ? null : text('negative_channel'),
    });
  };

  const field = (name: (typeof FIELDS)[number], label: string) => ({
    name,
    label,
    error: rejected[name] ?? null,
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
  });
  const number = (name: (typeof NUMBERS)[number], label: string) => ({
    ...field(name, label),
    defaultValue: channel?.[name] ?? '',
    min: 0,
    hideControls: true,
    allowedDecimalSeparators: ['.', ','],
  });
  const choice = (name: 'quantity' | 'flow' | 'reading_kind', label: string, words: Record<string, string>, first: string) => (
    <Select
      {...field(name, label)}
      data={Object.entries(words).map(([value, word]) => ({ value, label: word }))}
      defaultValue={channel?.[name] ?? first}
      allowDeselect={false}
      data-testid={`channel-${name}`}
    />
  );

  return (
    <Dialog
      wide
      title={channel === null ? channelMessages.addTitle : channelMessages.edit(channel.code)}
      onClose={onClose}
      onSubmit={submit}
      submit={channel === null ? channelMessages.add : adminMessages.save}
      busy={save.isPending}
      problem={<FormError error={save.error} others={otherErrors(save.error, FIELDS)} quiet={FIELDS.some((name) => name in rejected)} />}
    >
      <FieldGrid>
        {channel === null ? (
          <TextInput
            {...field('code', channelMessages.code)}
            description={channelMessages.codeHint}
            placeholder="export"
            autoCapitalize="none"
            autoComplete="off"
            required
            data-autofocus
          />
        ) : null}
        <TextInput {...field('name', channelMessages.name)} defaultValue={channel?.name ?? ''} maxLength={150} />
        {choice('quantity', channelMessages.quantity, channelMessages.quantities, 'electricity')}
        {choice('flow', channelMessages.flow, channelMessages.flows, 'consumed')}
        {choice('reading_kind', fields.reading_kind, kinds, 'interval')}
        <Select
          {...field('negative_channel', channelMessages.negative)}
          data={[{ value: NOWHERE, label: channelMessages.nowhere }, ...others.map(({ code, name }) => ({ value: code, label: name || code }))]}
          defaultValue={channel?.negative_channel ?? NOWHERE}
          allowDeselect={false}
          data-testid="channel-negative"
        />
        <NumberInput
          {...number('interval_seconds', fields.interval_seconds)}
          {...(channel?.code === 'main' ? {} : { description: channelMessages.intervalHint })}
          allowDecimal={false}
          inputMode="numeric"
        />
        <NumberInput {...number('max_power', channelMessages.maxPower)} decimalScale={6} inputMode="decimal" />
        <NumberInput {...number('register_digits', fields.register_digits)} allowDecimal={false} inputMode="numeric" />
        <NumberInput
          {...number('register_wraps_at', fields.register_wraps_at)}
          description={channelMessages.wrapsHint}
          decimalScale={6}
          inputMode="decimal"
        />
      </FieldGrid>
    </Dialog>
  );
}
