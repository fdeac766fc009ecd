import { Button } from '@mantine/core';
import { ApiError, isUnreachable } from '@/lib/http';
import { t } from '@/lib/messages';
import { PlugIcon, WarningIcon } from './icons';
import { StatePanel } from './state-panel';

type LoadErrorProps = { error: Error; onRetry: () => void; retrying: boolean; page?: boolean };

/** A failed read: what happened in plain words, and "Try again". */
export function LoadError({ error, onRetry, retrying, page = false }: LoadErrorProps) {
  const away = isUnreachable(error);
  const answer = error instanceof ApiError ? error : null;
  const title = away ? t.errors.unreachable : answer === null ? t.errors.unexpected : t.errors.server(answer.status);
  return (
    <StatePanel
      testId="load-error"
      role="alert"
      page={page}
      icon={away ? <PlugIcon /> : <WarningIcon />}
      title={title}
      text={away ? t.errors.unreachableHint : answer?.detail || t.errors.serverHint}
      note={answer?.requestId == null ? undefined : t.errors.reference(answer.requestId)}
      action={
        <Button variant="default" onClick={onRetry} loading={retrying}>
          {t.tryAgain}
        </Button>
      }
    />
  );
}
