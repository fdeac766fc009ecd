import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { ListState } from '@/components/admin/list-state';
import { Card } from '@/components/card';
import { adminMessages } from '@/lib/i18n/admin';
import type { LogEntry } from '@/lib/transport/admin-types';
import { t } from '@/lib/i18n/messages';
import { momentSeconds } from '@/lib/labels/moments';
import classes from './device-page.module.css';
import { changesOf } from './log-changes';
import { logQuery } from '../queries';

/** Everything that was done to the device, latest first. */
export function History({ deviceId, names }: { deviceId: string; names: ReadonlyMap<string, string> }) {
  const query = useInfiniteQuery(logQuery(deviceId));
  return (
    <Card title={adminMessages.log.title} testId="history">
      <ListState query={query}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.results);
          return entries.length === 0 ? (
            <p className={classes.dimmed}>{adminMessages.log.none}</p>
          ) : (
            <ol className={classes.timeline}>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} names={names} />
              ))}
            </ol>
          );
        }}
      </ListState>
      {query.hasNextPage ? (
        <div className={classes.more}>
          <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            {query.isFetchNextPageError ? t.tryAgain : adminMessages.log.more}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function Entry({ entry, names }: { entry: LogEntry; names: ReadonlyMap<string, string> }) {
  const changes = changesOf(entry, names);
  return (
    <li data-action={entry.action}>
      <p className={classes.what}>
        <strong>{adminMessages.log.actions[entry.action]}</strong>{' '}
        <span className={classes.dimmed}>
          {adminMessages.log.by(entry.actor_name || adminMessages.nobody)} · <time dateTime={entry.occurred_at}>{momentSeconds(entry.occurred_at)}</time>
        </span>
      </p>
      {changes.length === 0 ? null : (
        <dl className={classes.changes}>
          {changes.map(({ field, before, after }) => (
            <div key={field}>
              <dt>{field}</dt>
              <dd>
                {before === null ? null : (
                  <>
                    <del>{before}</del> <span aria-hidden>→</span>{' '}
                  </>
                )}
                {after === null ? null : <ins>{after}</ins>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {entry.notes === '' ? null : <p className={classes.notes}>“{entry.notes}”</p>}
    </li>
  );
}
