import { ActionIcon, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ShareIcon } from '@/components/icons';
import { copied } from '@/lib/browser/clipboard';
import { t } from '@/lib/i18n/messages';
import classes from './share-button.module.css';

type Shared = 'copied' | 'shown';

/** The address holds the whole view: the system's menu sends it, or else it is copied, or shown to copy by hand. */
export function ShareButton({ title }: { title: string }) {
  const [shared, setShared] = useState<Shared | null>(null);
  const share = async () => {
    if (shared !== null) setShared(null);
    else if (!(await sentBySystem(title))) setShared((await copied(location.href)) ? 'copied' : 'shown');
  };
  return (
    <Popover opened={shared !== null} onChange={(opened) => setShared(opened ? shared : null)} position="bottom-end" width={280} trapFocus={shared === 'shown'} returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size={26} aria-label={t.share.button} onClick={() => void share()} data-testid="share">
          <ShareIcon size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.share.button}>
        <div role="status" data-testid="shared">
          {shared === 'copied' ? <p className={classes.done}>{t.share.copied}</p> : null}
          {shared === 'shown' ? (
            <TextInput label={t.share.copy} value={location.href} readOnly onFocus={(event) => event.currentTarget.select()} data-autofocus />
          ) : null}
          <p className={classes.hint}>{t.share.hint}</p>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Return whether the user sent the link by the system's menu, or closed that menu. */
async function sentBySystem(title: string): Promise<boolean> {
  const link = { title, url: location.href };
  if (!('share' in navigator) || !navigator.canShare(link)) return false;
  try {
    await navigator.share(link);
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError';
  }
}
