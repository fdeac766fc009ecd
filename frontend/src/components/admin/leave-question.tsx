import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import { adminMessages } from '@/lib/i18n/admin';
import { Dialog } from './dialog';

const words = adminMessages.leaving;

/** A question before typed text is lost by leaving the page; the browser asks before it closes the page. */
export function LeaveQuestion({ unsaved }: { unsaved: boolean }) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => unsaved && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (!unsaved) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [unsaved]);
  if (blocker.state !== 'blocked') return null;
  return (
    <Dialog title={words.title} onClose={blocker.reset} onSubmit={blocker.proceed} submit={words.leave} danger busy={false}>
      <p>{words.text}</p>
    </Dialog>
  );
}
