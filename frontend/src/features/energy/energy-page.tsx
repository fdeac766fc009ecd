import { Button, Group } from '@mantine/core';
import { useCallback, useDeferredValue, useState } from 'react';
import { Link } from 'react-router';
import { Later } from '@/components/later';
import { LoadError } from '@/components/load-error';
import { MeterIcon, SearchIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { clock } from '@/lib/labels/format';
import { useLiveStatus } from '@/lib/live/live';
import { t } from '@/lib/i18n/messages';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import type { Day } from '@/lib/energy/days';
import type { Period } from '@/lib/energy/periods';
import { hasOtherTime } from '@/lib/energy/other-period';
import { MOST_STACKED } from '@/lib/energy/stacking';
import { mayManage } from '@/lib/session/permissions';
import { useSession } from '@/lib/session/use-session';
import { useTitle } from '@/lib/hooks/use-title';
import { Breadcrumb } from './controls/breadcrumb';
import { ChannelChoice } from './controls/channel-choice';
import { CompareControl } from './controls/compare-control';
import { DatePicker } from './controls/date-picker';
import { PeriodSkeleton } from './period/period-skeleton';
import { DeviceSelector } from './controls/device-selector';
import classes from './energy-page.module.css';
import { LiveBadge } from './controls/live-badge';
import { ZoneNote } from './controls/zone-note';
import { PeriodTabs } from './controls/period-tabs';
import { TodayButton } from './controls/today-button';
import { useScreen } from './controls/use-screen';
import { PeriodView } from './period/period-view';
import { PrintHead } from './period/print-head';
import { useEnergyView, type ReadyView } from './model/use-energy-view';
import { useLive } from './api/use-live';

const NO_DEVICES: MonitoredDevice[] = [];

export function EnergyPage() {
  const { view, devices, total, stackable, show, step } = useEnergyView();
  const ready = view.state === 'ready' ? view : null;
  // The page of the first devices is drawn piece by piece, in place of its outline.
  const drawn = useDeferredValue(ready !== null);
  const status = useLiveStatus();
  const { phone, thumb } = useScreen();
  const [picking, setPicking] = useState(false);
  useLive(ready?.devices.map((device) => device.device_id) ?? [], ready?.zone ?? 'UTC');
  // The same functions always: what does not show the chosen time is not drawn again when it changes.
  const chooseDevice = useCallback((device: string) => show({ device }), [show]);
  const chooseChannel = useCallback((channel: string) => show({ channel }), [show]);
  const choosePeriod = useCallback((period: Period) => show({ period }), [show]);
  const chooseComparison = useCallback((compare: string | null) => show({ compare }), [show]);
  const showDate = useCallback((date: Day) => show({ date }), [show]);
  const name = ready === null ? undefined : ready.all ? t.all.option : ready.device.name;
  useTitle(name);

  return (
    <>
      <div className={classes.toolbar}>
        <div className={classes.tools}>
          <div className={classes.device}>
            <DeviceSelector
              device={ready?.whole ?? null}
              devices={devices}
              total={total}
              disabled={view.state === 'loading' || view.state === 'no-devices'}
              stackable={stackable}
              all={ready?.all ?? false}
              onChange={chooseDevice}
            />
          </div>
          {ready === null ? null : (
            <Later>
              {thumb ? null : when(ready)}
              <div className={classes.today}>
                <TodayButton period={ready.period} date={ready.date} today={ready.today} onToday={showDate} />
              </div>
            </Later>
          )}
          <div className={classes.live}>
            <LiveBadge status={status} />
          </div>
        </div>
      </div>
      <div className={classes.content}>{content()}</div>
      {thumb && ready !== null ? <Later>{when(ready)}</Later> : null}
    </>
  );

  function when(shown: ReadyView) {
    return (
      <div className={classes.when} data-thumb={thumb || undefined}>
        <DatePicker view={shown} onChange={show} onStep={step} open={picking} setOpen={setPicking} />
        <PeriodTabs period={shown.allTime ? null : shown.period} onChange={choosePeriod} />
      </div>
    );
  }

  function content() {
    switch (view.state) {
      case 'loading':
        return <PeriodSkeleton />;
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
      case 'too-many':
        return (
          <StatePanel
            page
            testId="too-many"
            icon={<MeterIcon />}
            title={t.all.tooManyTitle}
            text={t.all.tooMany(MOST_STACKED, view.count)}
            action={
              <Button component={Link} to={{ search: '' }}>
                {t.device.showMine}
              </Button>
            }
          />
        );
      default:
        if (!drawn) return <PeriodSkeleton />;
        return (
          <>
            <div className={classes.above}>
              <Breadcrumb
                period={view.period}
                date={view.date}
                hour={hourName(view.hour, view.zone)}
                onOpen={(period) => show({ period })}
              />
              {phone ? null : <ZoneNote view={view} />}
              <Later>
                {view.all ? null : <ChannelChoice device={view.whole} channel={view.channel} onChange={chooseChannel} />}
                <CompareControl
                  compare={view.compare}
                  other={view.other}
                  period={view.period}
                  otherTime={!view.allTime && hasOtherTime(view.period)}
                  devices={view.all ? NO_DEVICES : devices}
                  total={view.all ? 0 : total}
                  shown={view.whole}
                  onChange={chooseComparison}
                />
              </Later>
            </div>
            <PrintHead view={view} name={name ?? ''} />
            <PeriodView view={view} live={status === 'live'} show={show} />
            {phone ? <ZoneNote view={view} /> : null}
          </>
        );
    }
  }
}

function hourName(hour: string | null, zone: string): string | null {
  const at = hour === null ? Number.NaN : Date.parse(hour);
  return Number.isNaN(at) ? null : clock(at, zone);
}

function NoDevices({ onRetry, retrying }: { onRetry: () => void; retrying: boolean }) {
  const state = useSession();
  const admin = state.status === 'authenticated' && mayManage(state.user);
  return (
    <StatePanel
      page
      testId="no-devices"
      icon={<MeterIcon />}
      title={t.device.noneTitle}
      text={admin ? t.device.noneForAdmin : t.device.noneForClient}
      action={
        <Group justify="center">
          {admin ? (
            <Button component={Link} to="/manage/devices">
              {t.device.toDevices}
            </Button>
          ) : null}
          <Button variant="default" onClick={onRetry} loading={retrying}>
            {t.device.refresh}
          </Button>
        </Group>
      }
    />
  );
}
