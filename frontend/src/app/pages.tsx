import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { PlugIcon, SearchIcon, WarningIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { t } from '@/lib/i18n/messages';
import { session } from '@/lib/session/session';
import { paths } from './paths';

/** The request for the session got no answer. It is sent again every few seconds. */
export function UnreachablePage() {
  const [asking, setAsking] = useState(false);
  const again = () => {
    setAsking(true);
    void session.start().finally(() => setAsking(false));
  };
  return (
    <main>
      <StatePanel
        testId="load-error"
        page
        icon={<PlugIcon />}
        title={t.errors.unreachable}
        text={t.errors.unreachableHint}
        action={
          <Button onClick={again} loading={asking}>
            {t.tryAgain}
          </Button>
        }
      />
    </main>
  );
}

export function MissingPage() {
  return (
    <StatePanel
      page
      icon={<SearchIcon />}
      title={t.errors.pageNotFound}
      action={
        <Button component={Link} to={paths.energy}>
          {t.errors.toEnergy}
        </Button>
      }
    />
  );
}

/** A fault of this program, or a part of it that could not be loaded after an update. */
export function CrashPage() {
  return (
    <main>
      <StatePanel
        page
        icon={<WarningIcon />}
        title={t.errors.unexpected}
        text={t.errors.unexpectedHint}
        action={<Button onClick={() => location.reload()}>{t.errors.reload}</Button>}
      />
    </main>
  );
}
