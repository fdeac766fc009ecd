import { Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog, FieldGrid } from '@/components/admin/dialog';
import { ChevronDownIcon } from '@/components/icons';
import { adminMessages } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { DEVICE_TYPES, type Device } from '@/lib/transport/admin-types';
import { fieldErrors, otherErrors } from '@/lib/transport/field-errors';
import { ADVANCED, AdvancedFields, type FieldProps } from './advanced-fields';
import classes from './device-form.module.css';
import { deviceValues, FORM_FIELDS, parseSpecifications, type FormField, type FormTexts } from './device-values';
import { changeDevice, createDevice, type DeviceValues } from '../queries';

const REQUIRED: FormField[] = ['name', 'serial_number'];
const WORDS = adminMessages.devices;

type DeviceFormProps = {
  device: Device | null;
  /** The id under which the device already sends; null for a device that gets its id from the platform. */
  sendsAs?: string | null;
  onClose: () => void;
  onDone: (device: Device) => void;
};

/** The form of a new device, or of `device`; the status is changed by steps, not here. */
export function DeviceForm({ device, sendsAs = null, onClose, onDone }: DeviceFormProps) {
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const [wrong, setWrong] = useState<Partial<Record<FormField, string>>>({});
  const save = useMutation({
    mutationFn: (values: DeviceValues) => (device === null ? createDevice(values, sendsAs) : changeDevice(device.id, values)),
    onSuccess: async (saved) => {
      await queryClient.invalidateQueries();
      onDone(saved);
    },
    // A field with an error must not be hidden.
    onError: (error) => {
      const names = fieldErrors(error);
      if (ADVANCED.some((name) => name in names)) setOpen(true);
    },
  });
  const rejected = fieldErrors(save.error);

  const submit = (form: FormData) => {
    const texts = Object.fromEntries(FORM_FIELDS.map((field) => [field, String(form.get(field) ?? '')])) as FormTexts;
    const errors: Partial<Record<FormField, string>> = {};
    for (const field of REQUIRED) if (texts[field].trim() === '') errors[field] = adminMessages.required;
    if (parseSpecifications(texts.specifications) === null) errors.specifications = deviceMessages.form.notProperties;
    setWrong(errors);
    if (ADVANCED.some((name) => name in errors)) setOpen(true);
    if (Object.keys(errors).length === 0) save.mutate(deviceValues(texts));
  };

  const field: FieldProps = (name) => ({
    name,
    label: WORDS.fields[name],
    error: wrong[name] ?? rejected[name] ?? null,
    defaultValue: textOf(device?.[name]),
    autoComplete: 'off',
    // Below the field: a hint above it would push it out of line with its neighbour.
    inputWrapperOrder: ['label', 'input', 'description', 'error'],
    ...(name in WORDS.hints ? { description: WORDS.hints[name as keyof typeof WORDS.hints] } : {}),
  });

  return (
    <Dialog
      wide
      title={device === null ? (sendsAs === null ? WORDS.createTitle : WORDS.registerTitle) : WORDS.editTitle(device.name)}
      onClose={onClose}
      onSubmit={submit}
      submit={device === null ? WORDS.create : adminMessages.save}
      busy={save.isPending}
      problem={
        <FormError
          error={save.error}
          others={otherErrors(save.error, sendsAs === null ? FORM_FIELDS : [...FORM_FIELDS, 'id'])}
          quiet={Object.keys(rejected).length > 0}
        />
      }
    >
      <FieldGrid>
        {sendsAs === null ? null : (
          <div data-wide>
            <TextInput label={WORDS.id} value={sendsAs} readOnly error={rejected.id ?? null} data-testid="device-sends-as" />
          </div>
        )}
        <TextInput {...field('name')} required data-autofocus />
        <TextInput {...field('serial_number')} required />
        <Select
          {...field('device_type')}
          data={DEVICE_TYPES.map((value) => ({ value, label: WORDS.types[value] }))}
          defaultValue={device?.device_type ?? 'smart_meter'}
          allowDeselect={false}
        />
        <TextInput {...field('location')} />
        <Select
          {...field('reading_kind')}
          data={[
            { value: 'interval', label: WORDS.kinds.interval },
            { value: 'cumulative', label: WORDS.kinds.cumulative },
          ]}
          defaultValue={device?.reading_kind ?? 'interval'}
          allowDeselect={false}
        />
        <TextInput {...field('interval_seconds')} inputMode="numeric" placeholder="600" />
      </FieldGrid>
      <details className={classes.advanced} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary data-testid="advanced">
          <ChevronDownIcon size={18} />
          {deviceMessages.form.advanced}
        </summary>
        <AdvancedFields device={device} field={field} />
      </details>
    </Dialog>
  );
}

function textOf(value: unknown): string {
  return value === null || value === undefined || typeof value === 'object' ? '' : String(value);
}
