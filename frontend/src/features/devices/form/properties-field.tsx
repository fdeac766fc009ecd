import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { CloseIcon, PlusIcon } from '@/components/icons';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import classes from './device-form.module.css';
import { propertiesOf, rowsOf } from './properties';

const WORDS = deviceMessages.form;

/** No JSON: the form rejects it at this field. */
const INVALID = '?';

type PropertiesFieldProps = { name: string; stored: Readonly<Record<string, unknown>>; error: string | null };

/** Further properties as rows of name and value; the form sends them as one JSON object. */
export function PropertiesField({ name, stored, error }: PropertiesFieldProps) {
  const [rows, setRows] = useState(() => rowsOf(stored));
  const [nextKey, setNextKey] = useState(rows.length);
  const properties = propertiesOf(rows, stored);
  const change = (key: number, part: 'name' | 'value', text: string) =>
    setRows(rows.map((row) => (row.key === key ? { ...row, [part]: text } : row)));

  return (
    <fieldset className={classes.properties}>
      <legend>{WORDS.properties}</legend>
      <p className={classes.hint}>{WORDS.propertiesHint}</p>
      <input type="hidden" name={name} value={properties === null ? INVALID : JSON.stringify(properties)} />
      {rows.map((row) => (
        <div key={row.key} className={classes.property}>
          <TextInput
            aria-label={WORDS.property}
            placeholder={WORDS.property}
            value={row.name}
            onChange={(event) => change(row.key, 'name', event.currentTarget.value)}
          />
          <TextInput
            aria-label={WORDS.value}
            placeholder={WORDS.value}
            value={row.value}
            onChange={(event) => change(row.key, 'value', event.currentTarget.value)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={WORDS.removeProperty(row.name)}
            onClick={() => setRows(rows.filter(({ key }) => key !== row.key))}
          >
            <CloseIcon size={18} />
          </ActionIcon>
        </div>
      ))}
      {error === null ? null : (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<PlusIcon size={16} />}
        onClick={() => {
          setRows([...rows, { key: nextKey, name: '', value: '' }]);
          setNextKey(nextKey + 1);
        }}
        data-testid="add-property"
      >
        {WORDS.addProperty}
      </Button>
    </fieldset>
  );
}
