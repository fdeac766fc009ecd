import { Button } from '@mantine/core';
import { useRef } from 'react';
import { UploadIcon } from '@/components/icons';
import classes from './file-button.module.css';

type FileButtonProps = { accept: string; label: string; onFile: (file: File) => void; testId: string };

/** A button that asks for a file. The same file, corrected, can be chosen again. */
export function FileButton({ accept, label, onFile, testId }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button variant="default" leftSection={<UploadIcon size={18} />} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        className={classes.input}
        type="file"
        accept={accept}
        aria-label={label}
        tabIndex={-1}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // Browsers report no change when a file of the same name is chosen; from an empty field each choice is one.
          event.currentTarget.value = '';
          if (file !== undefined) onFile(file);
        }}
        data-testid={testId}
      />
    </>
  );
}
