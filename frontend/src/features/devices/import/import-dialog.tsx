import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { DataTable, type Column } from '@/components/admin/data-table';
import { Tag, type Tone } from '@/components/admin/tag';
import { count, adminMessages } from '@/lib/i18n/admin';
import type { ImportLine, ImportReport } from '@/lib/transport/admin-types';
import { fieldErrors } from '@/lib/transport/field-errors';
import classes from './import-dialog.module.css';
import { importDevices } from '../queries';

/** Most rows that are drawn of a report, the rejected ones first. */
const MOST_ROWS = 200;

const TONES: Record<ImportLine['result'], Tone> = { valid: 'good', refused: 'bad', created: 'good' };

const COLUMNS: Column<ImportLine>[] = [
  { key: 'line', head: adminMessages.import.line, cell: (row) => row.line },
  { key: 'serial', head: adminMessages.devices.serial, cell: (row) => row.serial_number || '—' },
  {
    key: 'result',
    head: adminMessages.import.result,
    cell: (row) => <Tag tone={TONES[row.result]}>{adminMessages.import.results[row.result]}</Tag>,
  },
  {
    key: 'why',
    head: adminMessages.import.why,
    cell: (row) =>
      Object.entries(row.errors ?? {})
        .map(([field, messages]) => `${field}: ${messages.join(' ')}`)
        .join(' '),
  },
];

/** The import of a file in two steps: a report of each row, then the import of all rows or none. */
export function ImportDialog({ onClose, onDone }: { onClose: () => void; onDone: (message: string) => void }) {
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const check = useMutation({ mutationFn: (chosen: File) => importDevices(chosen, true) });
  const commit = useMutation({
    mutationFn: (chosen: File) => importDevices(chosen, false),
    onSuccess: async (report) => {
      if (report.refused > 0) return;
      await queryClient.invalidateQueries();
      onDone(adminMessages.import.done(report.created));
    },
  });
  // Another user may have registered one of the devices between the check and the import.
  const report = commit.data ?? check.data ?? null;
  const error = commit.error ?? check.error;
  const ready = report !== null && report.refused === 0 && report.rows > 0;

  const choose = (chosen: File | null) => {
    setFile(chosen);
    commit.reset();
    check.reset();
    if (chosen !== null) check.mutate(chosen);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={adminMessages.import.title}
      size={820}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': adminMessages.close }}
      classNames={{ title: classes.title ?? '', content: classes.content ?? '', header: classes.content ?? '' }}
    >
      <div className={classes.form}>
        <p className={classes.lead}>{adminMessages.import.lead}</p>
        <label className={classes.file}>
          <span>{adminMessages.import.file}</span>
          <input
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
            data-testid="import-file"
          />
        </label>
        <FormError error={error} others={Object.values(fieldErrors(error))} />
        {report === null ? null : <Report report={report} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {adminMessages.cancel}
          </Button>
          <Button
            disabled={!ready || file === null}
            loading={check.isPending || commit.isPending}
            onClick={() => (file === null ? undefined : commit.mutate(file))}
            data-testid="import-commit"
          >
            {ready ? adminMessages.import.commit(report.rows) : adminMessages.devices.import}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Report({ report }: { report: ImportReport }) {
  const rejected = report.report.filter((row) => row.result === 'refused');
  const rows = [...rejected, ...report.report.filter((row) => row.result !== 'refused')];
  return (
    <section aria-label={adminMessages.import.report} className={classes.report}>
      <p role="status" data-testid="import-summary" data-rejected={report.refused}>
        <strong>
          {adminMessages.import.valid(report.rows - report.refused)}
          {report.refused === 0 ? '' : `, ${adminMessages.import.rejected(report.refused)}`}
        </strong>
        {' · '}
        {report.refused === 0 ? adminMessages.import.ready : adminMessages.import.nothing}
      </p>
      <div className={classes.rows}>
        <DataTable
          caption={adminMessages.import.reportCaption}
          columns={COLUMNS}
          rows={rows.slice(0, MOST_ROWS)}
          rowKey={(row) => row.line}
          testId="import-report"
        />
      </div>
      {rows.length > MOST_ROWS ? <p className={classes.lead}>{adminMessages.import.onlyFirst(count(MOST_ROWS))}</p> : null}
    </section>
  );
}
