import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { FormError } from '@/components/admin/form-error';
import { AdminPage } from '@/components/admin/admin-page';
import { Dialog } from '@/components/admin/dialog';
import { HeldCard } from '@/components/admin/held/held-card';
import { heldQuery } from '@/components/admin/held/queries';
import { ListState } from '@/components/admin/list-state';
import { useToast } from '@/components/admin/use-toast';
import { Card } from '@/components/card';
import { ChevronLeftIcon, SearchIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { adminMessages } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import type { Device } from '@/lib/transport/admin-types';
import { ApiError } from '@/lib/transport/http';
import { Assignments } from './assignments';
import { Channels } from './channels';
import { DeviceForm } from '../form/device-form';
import classes from './device-page.module.css';
import { detailsOf } from './details';
import { History } from './history';
import { LastReading } from './last-reading';
import { LifecycleSteps } from './lifecycle-steps';
import { Meters } from './meters';
import { SendingCard } from './sending-card';
import { assignmentsQuery, deleteDevice, deviceQuery } from '../queries';
import { StatusTag } from '../status-tag';

const LIST = '/manage/devices';

export function DevicePage() {
  const { id = '' } = useParams();
  const query = useQuery(deviceQuery(id));
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <StatePanel
        page
        testId="not-found"
        icon={<SearchIcon />}
        title={adminMessages.devices.missingTitle}
        text={adminMessages.devices.missingText}
        action={
          <Button component={Link} to={LIST}>
            {adminMessages.devices.back}
          </Button>
        }
      />
    );
  }
  if (query.data === undefined) {
    return (
      <AdminPage title={adminMessages.devices.title}>
        <ListState query={query}>{() => null}</ListState>
      </AdminPage>
    );
  }
  return <DeviceDetails device={query.data} key={id} />;
}

function DeviceDetails({ device }: { device: Device }) {
  const navigate = useNavigate();
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const { toast, notify } = useToast();
  const assignments = useQuery(assignmentsQuery(device.id));
  const names = new Map(assignments.data?.results.map((assignment) => [assignment.user_id, assignment.username ?? '']));

  return (
    <AdminPage
      title={device.name}
      above={
        <Link to={LIST} className={classes.back}>
          <ChevronLeftIcon size={16} />
          {adminMessages.devices.back}
        </Link>
      }
      actions={
        <>
          <Button variant="default" component={Link} to={`/energy?device=${device.id}`}>
            {adminMessages.devices.energy}
          </Button>
          <Button variant="default" onClick={() => setOpen('edit')} data-testid="device-edit">
            {adminMessages.edit}
          </Button>
        </>
      }
    >
      <div className={classes.columns}>
        <div className={classes.column}>
          <Card title={adminMessages.devices.status} testId="device-status">
            <p className={classes.status} data-status={device.status}>
              <StatusTag status={device.status} />
              {device.location === '' ? null : <span className={classes.dimmed}>{device.location}</span>}
            </p>
            <LastReading device={device} />
            <LifecycleSteps device={device} onDone={notify} />
          </Card>
          <Card title={adminMessages.devices.details}>
            <dl className={classes.details}>
              {detailsOf(device).map(({ label, value }) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </Card>
        </div>
        <div className={classes.column}>
          {device.status === 'retired' ? null : <SendingCard device={device} />}
          <HeldOfDevice device={device} />
          <Channels device={device} onDone={notify} />
          <Meters device={device} onDone={notify} />
          <Assignments device={device} onDone={notify} />
          <History deviceId={device.id} names={names} />
        </div>
      </div>
      <Button variant="default" className={classes.danger ?? ''} onClick={() => setOpen('delete')} data-testid="device-delete">
        {deviceMessages.deleteDevice}
      </Button>
      {toast}
      {open === 'edit' ? (
        <DeviceForm
          device={device}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            notify(adminMessages.saved);
          }}
        />
      ) : null}
      {open === 'delete' ? (
        <ConfirmDelete device={device} onClose={() => setOpen(null)} onDone={() => void navigate(LIST)} />
      ) : null}
    </AdminPage>
  );
}

/** The held energy of a device that has any, decided or not. */
function HeldOfDevice({ device }: { device: Device }) {
  const isCounter = [device, ...device.channels].some(({ reading_kind: kind }) => kind === 'cumulative');
  const query = useQuery({ ...heldQuery({ device: device.id, page: 1 }), enabled: isCounter });
  return query.data === undefined || query.data.count === 0 ? null : <HeldCard device={device.id} />;
}

function ConfirmDelete({ device, onClose, onDone }: { device: Device; onClose: () => void; onDone: () => void }) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteDevice(device.id),
    onSuccess: async () => {
      onDone();
      queryClient.removeQueries({ queryKey: deviceQuery(device.id).queryKey });
      await queryClient.invalidateQueries();
    },
  });
  return (
    <Dialog
      title={adminMessages.devices.deleteTitle(device.name)}
      onClose={onClose}
      onSubmit={() => remove.mutate()}
      submit={adminMessages.delete}
      danger
      busy={remove.isPending}
      problem={<FormError error={remove.error} />}
    >
      <p>{adminMessages.devices.deleteText}</p>
    </Dialog>
  );
}
