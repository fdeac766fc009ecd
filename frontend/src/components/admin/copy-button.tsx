import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { copied } from '@/lib/browser/clipboard';
import { deviceMessages } from '@/lib/i18n/admin/devices';

const SHOWN_FOR_MS = 2_000;
const WORDS = deviceMessages.sending;

/** A button that copies a text; `name` says what it is. Nothing changes if the browser does not copy: the text stands beside it. */
export function CopyButton({ text, name, testId }: { text: string; name: string; testId?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <Button
      variant="default"
      size="compact-xs"
      aria-label={done ? WORDS.copied : WORDS.copyOf(name)}
      onClick={() => void copied(text).then(setDone)}
      data-testid={testId}
    >
      <span aria-live="polite">{done ? WORDS.copied : WORDS.copy}</span>
    </Button>
  );
}
