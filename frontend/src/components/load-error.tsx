import { Button } from '@mantine/core';
import { ApiError, isUnreachable } from '@/lib/transport/http';
import { t } from '@/lib/i18n/messages';
import { PlugIcon, WarningIcon } from './icons';
import { StatePanel } from './state-panel';

type LoadErrorProps = { error: Error; onRetry: () => void; retrying: boolean; page?: boolean };

/** Return the cause in words. A rejection explains itself; the detail of a server error helps no reader. */
function explanation(answer: ApiError | null, unreachable: boolean): string {
  if (unreachable) return t.errors.unreachableHint;
  if (answer === null) return t.errors.unexpectedHint;
  return (answer.status < 500 && answer.detail) || t.errors.serverHint;
}

/** A failed read: its cause in plain words, and "Try again". */
export function LoadError({ error, onRetry, retrying, page = false }: LoadErrorProps) {
  const unreachable = isUnreachable(error);
  const answer = error instanceof ApiError ? error : null;
  const title = unreachable ? t.errors.unreachable : answer === null ? t.errors.unexpected : t.errors.server(answer.status);
  return (
    <StatePanel
      testId="load-error"
      role="alert"
      page={page}
      icon={unreachable ? <PlugIcon /> : <WarningIcon />}
      title={title}
      text={explanation(answer, unreachable)}
      note={answer?.requestId == null ? undefined : t.errors.reference(answer.requestId)}
      action={
        <Button variant="default" onClick={onRetry} loading={retrying}>
          {t.tryAgain}
        </Button>
      }
    />
  );
}
