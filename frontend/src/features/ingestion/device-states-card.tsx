import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { ListState } from '@/components/admin/list-state';
import { SendingTag } from '@/components/admin/sending-tag';
import { Card } from '@/components/card';
import type { StateCounts } from '@/lib/api/monitoring';
import { count } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { api } from '@/lib/transport/api-client';
import { SENDING_STATES } from '@/lib/transport/admin-types';
import classes from './device-states-card.module.css';

/** The states of all devices take the service some time: a second for ten thousand. */
const EVERY_MS = 60_000;
const WORDS = deviceMessages.health;

const statesQuery = queryOptions({
  queryKey: ['manage', 'ingestion', 'states'] as const,
  queryFn: ({ signal }) => api<StateCounts>('/api/monitoring/devices/states/?status=deployed', { signal }),
  refetchInterval: EVERY_MS,
});

/** How many of the deployed devices send and how many do not, each number with the list of its devices. */
export function DeviceStatesCard() {
  const query = useQuery(statesQuery);
  return (
    <Card title={WORDS.title} testId="device-states">
      <ListState query={query}>
        {(counts) =>
          SENDING_STATES.every((state) => counts[state] === 0) ? (
            <p className={classes.dimmed}>{WORDS.none}</p>
          ) : (
            <>
              <p className={classes.dimmed}>{WORDS.lead}</p>
              <dl className={classes.states}>
                {SENDING_STATES.map((state) => (
                  <div key={state}>
                    <dt>
                      <SendingTag state={state} />
                    </dt>
                    <dd data-testid={`states-${state}`}>
                      {counts[state] === 0 ? (
                        '0'
                      ) : (
                        <Link to={`/manage/devices?status=deployed&state=${state}`} aria-label={`${deviceMessages.states[state]}: ${count(counts[state])}`}>
                          {count(counts[state])}
                        </Link>
                      )}
                    </dd>
                  </div>
                ))}
              </dl>
            </>
          )
        }
      </ListState>
    </Card>
  );
}
