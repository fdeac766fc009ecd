import { ActionIcon, Button, Popover } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { BellIcon } from '@/components/icons';
import { api, withQuery } from '@/lib/transport/api-client';
import type { Alert, AlertNews, Page } from '@/lib/transport/api-types';
import { knownZone } from '@/lib/energy/days';
import { dayAndClock, exact } from '@/lib/labels/format';
import { live, useLiveStatus } from '@/lib/live/live';
import { t } from '@/lib/i18n/messages';
import classes from './alert-bell.module.css';

const KEY = ['alerts'];
const LISTED = 20;
/** While the live connection is unavailable, the list is fetched this often. */
const WITHOUT_LIVE_EVERY_MS = 60_000;

/** Return the address of the alert's hour; the page derives the day, in the device's zone. */
const hourPath = (alert: AlertNews) =>
  `/energy?${new URLSearchParams({ device: alert.device_id, hour: alert.start }).toString()}`;
const when = (alert: AlertNews) => dayAndClock(Date.parse(alert.start), knownZone(alert.timezone));

/** Alerts: how many are new, the list, and a notice when one arrives. */
export function AlertBell() {
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const isLive = useLiveStatus() === 'live';
  const [news, setNews] = useState<AlertNews | null>(null);
  const { data, isError, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) =>
      api<Page<Alert>>(withQuery('/api/monitoring/alerts/', { page_size: LISTED }), { signal }),
    refetchInterval: isLive ? false : WITHOUT_LIVE_EVERY_MS,
  });
  const acknowledge = useMutation({
    mutationFn: (id: number) => api<unknown>(`/api/monitoring/alerts/${id}/acknowledge/`, { method: 'POST' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY }),
  });

  useEffect(() => {
    const refetchAlerts = () => void queryClient.invalidateQueries({ queryKey: KEY });
    return live.listen({
      onAlert: (alert) => {
        setNews((current) => (alert.withdrawn ? (current?.id === alert.id ? null : current) : alert));
        refetchAlerts();
      },
      // Alerts that were raised while the connection was interrupted were not pushed.
      onSubscribed: refetchAlerts,
      onAccessLost: refetchAlerts,
    });
  }, [queryClient]);

  const alerts = data?.results ?? [];
  const fresh = alerts.filter((alert) => alert.acknowledged_at == null && !alert.withdrawn).length;
  return (
    <>
      <Popover opened={open} onChange={setOpen} position="bottom-end" width="min(340px, calc(100vw - 16px))" trapFocus returnFocus>
        <Popover.Target>
          <ActionIcon
            className={classes.bell}
            variant="subtle"
            color="gray"
            aria-label={t.alerts.bell(fresh)}
            data-testid="alert-bell"
            data-new={fresh}
            onClick={() => setOpen((was) => !was)}
          >
            <BellIcon />
            {fresh === 0 ? null : (
              <span className={classes.count} aria-hidden>
                {fresh}
              </span>
            )}
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown aria-label={t.alerts.title}>
          <h2 className={classes.title}>{t.alerts.title}</h2>
          {isError && data === undefined ? (
            <p className={classes.say} role="alert">
              {t.alerts.failed}{' '}
              <Button size="compact-sm" variant="default" onClick={() => void refetch()}>
                {t.tryAgain}
              </Button>
            </p>
          ) : null}
          {acknowledge.isError ? (
            <p className={classes.say} role="alert">
              {t.alerts.notSaved}
            </p>
          ) : null}
          {data !== undefined && alerts.length === 0 ? <p className={classes.say}>{t.alerts.empty}</p> : null}
          <ul className={classes.list}>
            {alerts.map((alert) => (
              <li key={alert.id} data-testid="alert">
                <Link to={hourPath(alert)} className={classes.link} onClick={() => setOpen(false)}>
                  {alert.device_name}
                </Link>
                <span className={classes.say}>{when(alert)}</span>
                <span className={classes.used}>{t.alerts.used(exact(alert.total_consumption), exact(alert.limit))}</span>
                {alert.withdrawn ? (
                  <span className={classes.say}>{t.alerts.withdrawn}</span>
                ) : alert.acknowledged_at == null ? (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={t.alerts.acknowledgeOf(alert.device_name)}
                    data-testid="acknowledge"
                    onClick={() => acknowledge.mutate(alert.id)}
                  >
                    {t.alerts.acknowledge}
                  </Button>
                ) : (
                  <span className={classes.say}>{t.alerts.acknowledged}</span>
                )}
              </li>
            ))}
          </ul>
        </Popover.Dropdown>
      </Popover>
      <div role="status" className={classes.live}>
        {news === null ? null : (
          <div className={classes.notice} data-testid="alert-notice">
            <strong>{t.alerts.arrived(news.device_name)}</strong>
            <span className={classes.say}>{when(news)}</span>
            <span className={classes.used}>{t.alerts.used(exact(news.total_consumption), exact(news.limit))}</span>
            <span className={classes.actions}>
              <Button size="compact-sm" component={Link} to={hourPath(news)} onClick={() => setNews(null)}>
                {t.alerts.show}
              </Button>
              <Button size="compact-sm" variant="default" onClick={() => setNews(null)}>
                {t.alerts.dismiss}
              </Button>
            </span>
          </div>
        )}
      </div>
    </>
  );
}
