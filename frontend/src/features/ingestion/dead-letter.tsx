import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { deadLetterMessages as texts } from '@/lib/i18n/admin/dead-letters';
import { ingestionMessages } from '@/lib/i18n/admin/ingestion';
import { rejectionDetail } from '@/lib/i18n/admin/rejection-details';
import { momentSeconds } from '@/lib/labels/moments';
import type { DeadLetter } from '@/lib/api/monitoring';
import classes from './ingestion-page.module.css';

const { dead, reasons } = ingestionMessages;

type LetterProps = { letter: DeadLetter; retrying: boolean; onRetry: () => void; onDiscard: () => void };

/** A message that could not be stored: why, since when and of which device, and what can be done. */
export function Letter({ letter, retrying, onRetry, onDiscard }: LetterProps) {
  const reason = reasons[letter.reason] ?? letter.reason;
  const named = `${reason}, ${letter.message_id}`;
  return (
    <li data-reason={letter.reason}>
      <div className={classes.letter}>
        <p>
          <strong>{reason}</strong> <span className={classes.dimmed}>{rejectionDetail(letter.reason, letter.detail)}</span>
        </p>
        <p className={classes.dimmed}>
          {letter.dead_lettered_at === null ? null : (
            <time dateTime={letter.dead_lettered_at}>
              {texts.rejectedAt(momentSeconds(letter.dead_lettered_at))}
            </time>
          )}
          <Device letter={letter} />
        </p>
        <p>{texts.remedies[letter.reason] ?? ''}</p>
        <pre className={classes.body}>{letter.body_truncated ? `${letter.body}…` : letter.body}</pre>
      </div>
      <div className={classes.buttons}>
        {letter.retryable ? (
          <Button variant="default" size="xs" onClick={onRetry} loading={retrying} aria-label={`${dead.replay}: ${named}`} data-testid="replay-one">
            {dead.replay}
          </Button>
        ) : null}
        <Button variant="default" size="xs" onClick={onDiscard} aria-label={`${texts.discard}: ${named}`} data-testid="discard-one">
          {texts.discard}
        </Button>
      </div>
    </li>
  );
}

/** The device that the message names, with a link if it is registered. */
function Device({ letter: { device_id: id, device_name: name } }: { letter: DeadLetter }) {
  if (id === null) return null;
  return (
    <span>
      {' · '}
      {texts.device}:{' '}
      {name === null ? (
        <>
          <code className={classes.code}>{id}</code> ({texts.unregistered})
        </>
      ) : (
        <Link to={`/manage/devices/${id}`} data-testid="letter-device">
          {name}
        </Link>
      )}
    </span>
  );
}
