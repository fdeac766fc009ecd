import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { deviceMessages } from '@/lib/i18n/admin/devices';

const SHOWN_FOR_MS = 2_000;
const WORDS = deviceMessages.sending;

/** Put a text on the clipboard; without TLS browsers have only the old way. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (!done) throw new Error('the browser does not copy');
}

/** A button that copies a text; `name` says what it is. Nothing changes if the browser does not copy: the text stands beside it. */
export function CopyButton({ text, name, testId }: { text: string; name: string; testId?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      variant="default"
      size="compact-xs"
      aria-label={copied ? WORDS.copied : WORDS.copyOf(name)}
      onClick={() =>
        copy(text).then(
          () => setCopied(true),
          () => setCopied(false),
        )
      }
      data-testid={testId}
    >
      <span aria-live="polite">{copied ? WORDS.copied : WORDS.copy}</span>
    </Button>
  );
}
