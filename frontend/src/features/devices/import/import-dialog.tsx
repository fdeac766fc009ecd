import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { FileButton } from '@/components/admin/file-button';
import { adminMessages } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { fieldErrors } from '@/lib/transport/field-errors';
import classes from './import-dialog.module.css';
import { ReportOfImport } from './import-report';
import { importDevices } from '../queries';

/** The service reads 8 MiB; of a larger file one byte more is sent, so that it says so. */
const MOST_BYTES = (8 << 20) + 1;

/** A file as it was when it was chosen. */
type Chosen = { name: string; content: Blob };

/** The import of a file in two steps: a report of each row, then the import of all rows or none. */
export function ImportDialog({ onClose, onDone }: { onClose: () => void; onDone: (message: string) => void }) {
  const queryClient = useQueryClient();
  const [file, setFile] = useState<Chosen | null>(null);
  const check = useMutation({
    mutationFn: async (picked: File) => {
      // A copy: the file on the disk may change between the check and the import.
      const content = new Blob([await picked.slice(0, MOST_BYTES).arrayBuffer()], { type: 'text/csv' });
      setFile({ name: picked.name, content });
      return importDevices(content, true);
    },
  });
  const commit = useMutation({
    mutationFn: (content: Blob) => importDevices(content, false),
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

  const choose = (picked: File) => {
    setFile(null);
    commit.reset();
    check.mutate(picked);
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
        <p className={classes.lead}>{deviceMessages.import.lead}</p>
        <div className={classes.file}>
          <FileButton accept=".csv,text/csv" label={deviceMessages.import.choose} onFile={choose} testId="import-file" />
          <span role="status">{file === null ? '' : deviceMessages.import.chosen(file.name)}</span>
        </div>
        <FormError error={error} others={Object.values(fieldErrors(error))} />
        {report === null ? null : <ReportOfImport report={report} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {adminMessages.cancel}
          </Button>
          <Button
            disabled={!ready || file === null}
            loading={check.isPending || commit.isPending}
            onClick={() => (file === null ? undefined : commit.mutate(file.content))}
            data-testid="import-commit"
          >
            {ready ? adminMessages.import.commit(report.rows) : adminMessages.devices.import}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
