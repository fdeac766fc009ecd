import type { LiveStatus } from '@/lib/live/live-socket';
import { memo } from 'react';
import { t } from '@/lib/i18n/messages';
import classes from './live-badge.module.css';

export const LiveBadge = memo(function LiveBadge({ status }: { status: LiveStatus }) {
  return (
    <span className={classes.badge} data-status={status} data-testid="live-status" role="status" title={t.live.hints[status]}>
      <span className={classes.dot} aria-hidden />
      {t.live[status]}
    </span>
  );
});
