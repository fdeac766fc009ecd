import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog } from '@/components/admin/dialog';
import { ListState } from '@/components/admin/list-state';
import { Card } from '@/components/card';
import { adminMessages } from '@/lib/i18n/admin';
import { meterMessages } from '@/lib/i18n/admin/meters';
import { exact } from '@/lib/labels/format';
import { moment } from '@/lib/labels/moments';
import type { Device, Meter } from '@/lib/transport/admin-types';
import { fieldErrors } from '@/lib/transport/field-errors';
import classes from './device-page.module.css';
import { metersQuery, undoReplacement } from '../queries';
import { ReplaceMeter } from './replace-meter';

/** The present meter with those before it, and the replacement of the present one. */
export function Meters({ device, onDone }: { device: Device; onDone: (message: string) => void }) {
  const query = useQuery(metersQuery(device.id));
  const [open, setOpen] = useState<'replace' | 'undo' | null>(null);
  const close = () => setOpen(null);
  const done = () => {
    close();
    onDone(adminMessages.saved);
  };
  return (
    <Card title={meterMessages.title} testId="meters">
      <ListState query={query}>
        {({ results }) => {
          const present = results.at(-1);
          return (
            <>
              <ul className={classes.holders}>
                {results.toReversed().map((meter) => (
                  <li key={meter.id}>
                    <MeterLine meter={meter} />
                  </li>
                ))}
              </ul>
              <div className={classes.steps}>
                <Button variant="default" onClick={() => setOpen('replace')} data-testid="meter-replace">
                  {meterMessages.replace}
                </Button>
                {present === undefined || present.mounted_at === null ? null : (
                  <Button variant="default" onClick={() => setOpen('undo')} data-testid="meter-undo">
                    {meterMessages.undo}
                  </Button>
                )}
              </div>
              {open === 'replace' ? <ReplaceMeter device={device} onClose={close} onDone={done} /> : null}
              {open === 'undo' && present !== undefined ? (
                <UndoQuestion device={device} present={present} before={results.at(-2)} onClose={close} onDone={done} />
              ) : null}
            </>
          );
        }}
      </ListState>
    </Card>
  );
}

function MeterLine({ meter }: { meter: Meter }) {
  const from = meter.mounted_at === null ? null : moment(meter.mounted_at);
  const to = meter.removed_at === null ? null : moment(meter.removed_at);
  const { opening, closing } = adminMessages.devices.fields;
  const registers = [registersOf(opening, meter.opening), registersOf(closing, meter.closing)];
  const more = [
    meterMessages.period(from, to),
    ...registers,
    meter.multiplier === 1 ? '' : `${meterMessages.multiplier}: ${exact(meter.multiplier)}`,
    meter.notes,
  ];
  return (
    <span>
      <strong>{meter.serial_number}</strong>
      <span className={classes.dimmed}> {more.filter((text) => text !== '').join(' · ')}</span>
    </span>
  );
}

/** "Closing register: 17,077.4"; of several channels each with its code. */
function registersOf(label: string, registers: Record<string, number>): string {
  const entries = Object.entries(registers);
  const values = entries.map(([code, value]) => (code === 'main' ? exact(value) : `${code} ${exact(value)}`));
  return values.length === 0 ? '' : `${label}: ${values.join(', ')}`;
}

type UndoProps = { device: Device; present: Meter; before: Meter | undefined; onClose: () => void; onDone: () => void };

function UndoQuestion({ device, present, before, onClose, onDone }: UndoProps) {
  const queryClient = useQueryClient();
  const undo = useMutation({
    mutationFn: () => undoReplacement(device.id, present.id),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries(),
  });
  return (
    <Dialog
      title={meterMessages.undoTitle}
      onClose={onClose}
      onSubmit={() => undo.mutate()}
      submit={meterMessages.undo}
      busy={undo.isPending}
      problem={<FormError error={undo.error} others={Object.values(fieldErrors(undo.error))} />}
    >
      <p>{meterMessages.undoText(present.serial_number, before?.serial_number ?? '')}</p>
    </Dialog>
  );
}
