import { Select, Textarea, TextInput } from '@mantine/core';
import { FieldGrid } from '@/components/admin/dialog';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import type { Device } from '@/lib/transport/admin-types';
import type { FormField } from './device-values';
import { PropertiesField } from './properties-field';
import { timeZones } from './time-zones';

/** The fields below the fold. */
export const ADVANCED: readonly FormField[] = [
  'description',
  'manufacturer',
  'model',
  'max_consumption',
  'max_power_kw',
  'timezone',
  'register_digits',
  'purchase_date',
  'deploy_date',
  'last_maintenance_date',
  'specifications',
];

/** Returns the props that all fields of the form have in common. */
export type FieldProps = (name: FormField) => {
  name: FormField;
  label: string;
  error: string | null;
  defaultValue: string;
  autoComplete: string;
  inputWrapperOrder: ('label' | 'input' | 'description' | 'error')[];
  description?: string;
};

/** The fields that most devices do without. Dates of a life that has not begun are left out. */
export function AdvancedFields({ device, field }: { device: Device | null; field: FieldProps }) {
  const { error } = field('specifications');
  return (
    <FieldGrid>
      <TextInput {...field('max_consumption')} inputMode="decimal" />
      <TextInput {...field('max_power_kw')} inputMode="decimal" />
      <Select
        {...field('timezone')}
        data={timeZones(device?.timezone ?? '')}
        defaultValue={device?.timezone ?? null}
        placeholder={deviceMessages.form.zone}
        searchable
        clearable={device === null}
        clearButtonProps={{ 'aria-label': deviceMessages.form.zone }}
        limit={100}
        nothingFoundMessage={deviceMessages.form.zoneNone}
        data-testid="zone"
      />
      <TextInput {...field('register_digits')} inputMode="numeric" />
      <TextInput {...field('manufacturer')} />
      <TextInput {...field('model')} />
      <div data-wide>
        <Textarea {...field('description')} rows={2} />
      </div>
      <TextInput {...field('purchase_date')} type="date" />
      {device === null || (device.status !== 'deployed' && device.deploy_date === null) ? null : (
        <TextInput {...field('deploy_date')} type="date" />
      )}
      {device === null ? null : <TextInput {...field('last_maintenance_date')} type="date" />}
      <div data-wide>
        <PropertiesField name="specifications" stored={device?.specifications ?? {}} error={error} />
      </div>
    </FieldGrid>
  );
}
