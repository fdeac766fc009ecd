import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { LoadError } from '@/components/load-error';
import { MeterIcon, SearchIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { t } from '@/lib/messages';
import { useSession } from '@/lib/use-session';
import { DatePicker } from './date-picker';
import { DayView } from './day-view';
import { DaySkeleton } from './day-skeleton';
import { DeviceSelector } from './device-selector';
import classes from './energy-page.module.css';
import { LiveBadge } from './live-badge';
import { useEnergyView } from './use-energy-view';
import { useLive } from './use-live';

export function EnergyPage() {
  const { view, devices, total, show, step } = useEnergyView();
  const ready = view.state === 'ready' ? view : null;
  const status = useLive(ready?.device.device_id ?? null, ready?.zone ?? 'UTC');
  const name = ready?.device.name;

  useEffect(() => {
    document.title = name === undefined ? t.product : `${name} · ${t.product}`;
  }, [name]);

  return (
    <>
      <div className={classes.toolbar}>
        <div className={classes.tools}>
          <DeviceSelector
            device={ready?.device ?? null}
            devices={devices}
            total={total}
            disabled={view.state === 'loading' || view.state === 'no-devices'}
            onChange={(device) => show({ device })}
          />
          {ready === null ? null : (
            <DatePicker date={ready.date} today={ready.today} onChange={(date) => show({ date })} onStep={step} />
          )}
          <LiveBadge status={status} />
        </div>
      </div>
      <div className={classes.content}>{content()}</div>
    </>
  );

  function content() {
    switch (view.state) {
      case 'loading':
        return <DaySkeleton />;
      case 'failed':
        return <LoadError page error={view.error} onRetry={view.retry} retrying={view.retrying} />;
      case 'no-devices':
        return <NoDevices onRetry={view.retry} retrying={view.retrying} />;
      case 'not-found':
        return (
          <StatePanel
            page
            testId="not-found"
            icon={<SearchIcon />}
            title={t.device.notFoundTitle}
            text={t.device.notFoundText}
            action={
              <Button component={Link} to={{ search: '' }}>
                {t.device.showMine}
              </Button>
            }
          />
        );
      default:
        return <DayView {...view} live={status === 'live'} onDate={(date) => show({ date })} />;
    }
  }
}

function NoDevices({ onRetry, retrying }: { onRetry: () => void; retrying: boolean }) {
  const state = useSession();
  const admin = state.status === 'authenticated' && state.user.role === 'admin';
  return (
    <StatePanel
      page
      testId="no-devices"
      icon={<MeterIcon />}
      title={t.device.noneTitle}
      text={admin ? t.device.noneForAdmin : t.device.noneForClient}
      action={
        <Button variant="default" onClick={onRetry} loading={retrying}>
          {t.device.lookAgain}
        </Button>
      }
    />
  );
}
