import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { count } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import type { BulkAction } from '@/lib/transport/admin-types';
import { BulkDialog } from './bulk-dialog';
import classes from './devices-page.module.css';
import { exportSelected, type SelectedDevices } from '../queries';
import { saveAs } from './save-as';

const WORDS = deviceMessages.selection;

/** Devices that one action may change; the service has the same limit. */
const MOST = 10_000;

const ACTIONS: readonly BulkAction[] = ['deploy', 'assign', 'recall'];

type BulkBarProps = {
  selected: SelectedDevices;
  /** The number of chosen devices, and of all that match the filters. */
  number: number;
  total: number;
  /** Choose all that match; null where the page cannot name them all. */
  onAll: (() => void) | null;
  onClear: () => void;
  onDone: (message: string) => void;
};

/** The actions on the chosen devices. */
export function BulkBar({ selected, number, total, onAll, onClear, onDone }: BulkBarProps) {
  const [action, setAction] = useState<BulkAction | null>(null);
  const download = useMutation({
    mutationFn: () => exportSelected(selected),
    onSuccess: (csv) => saveAs('devices.csv', 'text/csv;charset=utf-8', csv),
  });
  const tooMany = number > MOST;
  return (
    <div className={classes.bulk} role="group" aria-label={WORDS.actions} data-testid="bulk">
      <span role="status" className={classes.chosen}>
        {WORDS.count(count(number))}
      </span>
      {onAll === null || number >= total ? null : (
        <Button variant="subtle" size="compact-sm" onClick={onAll} data-testid="select-all">
          {WORDS.all(count(total))}
        </Button>
      )}
      <Button variant="subtle" size="compact-sm" color="gray" onClick={onClear} data-testid="select-none">
        {WORDS.clear}
      </Button>
      <span className={classes.bulkActions}>
        {ACTIONS.map((each) => (
          <Button key={each} variant="default" size="sm" disabled={tooMany} onClick={() => setAction(each)} data-testid={`bulk-${each}`}>
            {deviceMessages.bulk[each]}
          </Button>
        ))}
        <Button
          variant="default"
          size="sm"
          disabled={tooMany}
          loading={download.isPending}
          onClick={() => download.mutate()}
          data-testid="bulk-export"
        >
          {deviceMessages.bulk.export}
        </Button>
      </span>
      {tooMany ? <p className={classes.age}>{WORDS.tooMany(count(MOST))}</p> : null}
      <FormError error={download.error} />
      {action === null ? null : (
        <BulkDialog action={action} selected={selected} number={number} onClose={() => setAction(null)} onDone={onDone} />
      )}
    </div>
  );
}
