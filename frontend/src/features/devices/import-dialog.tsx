import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionProblem } from '@/components/admin/action-problem';
import { DataTable, type Column } from '@/components/admin/data-table';
import { Tag, type Tone } from '@/components/admin/tag';
import { count, ta } from '@/lib/i18n/admin';
import type { ImportLine, ImportReport } from '@/lib/transport/admin-types';
import { fieldErrors } from '@/lib/transport/field-errors';
import classes from './import-dialog.module.css';
import { importDevices } from './queries';

/** Rows drawn of a report: the refused ones first, of which nobody mends more at a time. */
const SHOWN = 200;

const TONES: Record<ImportLine['result'], Tone> = { valid: 'good', refused: 'bad', created: 'good' };

const COLUMNS: Column<ImportLine>[] = [
  { key: 'line', head: ta.import.line, cell: (row) => row.line },
  { key: 'serial', head: ta.devices.serial, cell: (row) => row.serial_number || '—' },
  {
    key: 'result',
    head: ta.import.result,
    cell: (row) => <Tag tone={TONES[row.result]}>{ta.import.results[row.result]}</Tag>,
  },
  {
    key: 'why',
    head: ta.import.why,
    cell: (row) =>
      Object.entries(row.errors ?? {})
        .map(([field, said]) => `${field}: ${said.join(' ')}`)
        .join(' '),
  },
];

/** A file becomes devices in two steps: first what would happen, row by row, then all or nothing. */
export function ImportDialog({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const check = useMutation({ mutationFn: (chosen: File) => importDevices(chosen, true) });
  const commit = useMutation({
    mutationFn: (chosen: File) => importDevices(chosen, false),
    onSuccess: async (report) => {
      if (report.refused > 0) return;
      await queryClient.invalidateQueries();
      onDone(ta.import.done(report.created));
    },
  });
  // Somebody may have registered one of the devices between the two.
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
      title={ta.import.title}
      size={820}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': ta.close }}
      classNames={{ title: classes.title ?? '', content: classes.content ?? '', header: classes.content ?? '' }}
    >
      <div className={classes.form}>
        <p className={classes.lead}>{ta.import.lead}</p>
        <label className={classes.file}>
          <span>{ta.import.file}</span>
          <input
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
            data-testid="import-file"
          />
        </label>
        <ActionProblem error={error} others={Object.values(fieldErrors(error))} />
        {report === null ? null : <Report report={report} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {ta.cancel}
          </Button>
          <Button
            disabled={!ready || file === null}
            loading={check.isPending || commit.isPending}
            onClick={() => (file === null ? undefined : commit.mutate(file))}
            data-testid="import-commit"
          >
            {ready ? ta.import.commit(report.rows) : ta.devices.import}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Report({ report }: { report: ImportReport }) {
  const refused = report.report.filter((row) => row.result === 'refused');
  const rows = [...refused, ...report.report.filter((row) => row.result !== 'refused')];
  return (
    <section aria-label={ta.import.report} className={classes.report}>
      <p role="status" data-testid="import-summary" data-refused={report.refused}>
        <strong>
          {ta.import.valid(report.rows - report.refused)}
          {report.refused === 0 ? '' : `, ${ta.import.refused(report.refused)}`}
        </strong>
        {' · '}
        {report.refused === 0 ? ta.import.ready : ta.import.nothing}
      </p>
      <div className={classes.rows}>
        <DataTable
          caption={ta.import.reportCaption}
          columns={COLUMNS}
          rows={rows.slice(0, SHOWN)}
          rowKey={(row) => row.line}
          testId="import-report"
        />
      </div>
      {rows.length > SHOWN ? <p className={classes.lead}>{ta.import.onlyFirst(count(SHOWN))}</p> : null}
    </section>
  );
}
