import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { parseDay, type Day } from '@/lib/energy/days';
import { t } from '@/lib/i18n/messages';
import { dayPlain } from '@/lib/labels/format';
import type { Range } from '../model/address';
import classes from './date-picker.module.css';

type OwnRangeProps = { shown: Range; today: Day; onPick: (range: Range) => void };

/** The days before this one have no readings in any meter, and a year with two digits is a slip of the hand. */
const EARLIEST: Day = '1970-01-01';

/** Two fields for the first and the last day of an own range. The browser's own fields are at home on phones and keyboards. */
export function OwnRange({ shown, today, onPick }: OwnRangeProps) {
  const [from, setFrom] = useState<string>(shown.from);
  const [to, setTo] = useState<string>(shown.to > today ? today : shown.to);
  const [tried, setTried] = useState(false);
  const dayOf = (text: string) => {
    const day = parseDay(text);
    return day === null || day < EARLIEST || day > today ? null : day;
  };
  const [first, last] = [dayOf(from), dayOf(to)];
  const missing = t.span.noDay(dayPlain(EARLIEST), dayPlain(today));
  const reversed = first !== null && last !== null && last < first;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (first !== null && last !== null && !reversed) onPick({ from: first, to: last });
  };
  const common = { type: 'date', min: EARLIEST, max: today, required: true, withAsterisk: false } as const;
  return (
    <form className={classes.own} onSubmit={submit} noValidate data-testid="own-range">
      <TextInput
        {...common}
        label={t.span.from}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        error={tried && first === null ? missing : null}
        data-autofocus
      />
      <TextInput
        {...common}
        label={t.span.to}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={tried && last === null ? missing : tried && reversed ? t.span.reversed : null}
      />
      <Button type="submit">{t.span.showOwn}</Button>
    </form>
  );
}
