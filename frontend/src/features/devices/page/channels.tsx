import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '@/components/admin/form-error';
import { Dialog } from '@/components/admin/dialog';
import { Card } from '@/components/card';
import { adminMessages } from '@/lib/i18n/admin';
import { channelMessages } from '@/lib/i18n/admin/channels';
import type { Channel, Device } from '@/lib/transport/admin-types';
import { fieldErrors } from '@/lib/transport/field-errors';
import classes from './device-page.module.css';
import { ChannelForm } from './channel-form';
import { deleteChannel } from '../queries';

type Opened = { form: Channel | null } | { remove: Channel } | null;

/** The channels of a device; `main` cannot be deleted, because it is the device itself. */
export function Channels({ device, onDone }: { device: Device; onDone: (message: string) => void }) {
  const [open, setOpen] = useState<Opened>(null);
  const close = () => setOpen(null);
  const done = () => {
    close();
    onDone(adminMessages.saved);
  };
  return (
    <Card title={channelMessages.title} testId="channels">
      <ul className={classes.holders}>
        {device.channels.map((channel) => (
          <li key={channel.code}>
            <span>
              <strong>{channel.code}</strong>
              <span className={classes.dimmed}> {summaryOf(channel)}</span>
            </span>
            <span className={classes.steps}>
              <Button variant="default" size="xs" onClick={() => setOpen({ form: channel })} aria-label={channelMessages.edit(channel.code)}>
                {adminMessages.edit}
              </Button>
              {channel.code === 'main' ? null : (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => setOpen({ remove: channel })}
                  aria-label={`${channelMessages.remove} ${channel.code}`}
                >
                  {adminMessages.delete}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      <div className={classes.steps}>
        <Button variant="default" onClick={() => setOpen({ form: null })} data-testid="channel-add">
          {channelMessages.add}
        </Button>
      </div>
      {open !== null && 'form' in open ? <ChannelForm device={device} channel={open.form} onClose={close} onDone={done} /> : null}
      {open !== null && 'remove' in open ? (
        <RemoveQuestion device={device} code={open.remove.code} onClose={close} onDone={done} />
      ) : null}
    </Card>
  );
}

function summaryOf(channel: Channel): string {
  const { kinds } = adminMessages.devices;
  const words = [channel.name, channelMessages.quantities[channel.quantity], channelMessages.flows[channel.flow], kinds[channel.reading_kind]];
  return words.filter((word) => word !== '').join(' · ');
}

type RemoveProps = { device: Device; code: string; onClose: () => void; onDone: () => void };

function RemoveQuestion({ device, code, onClose, onDone }: RemoveProps) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteChannel(device.id, code),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries(),
  });
  return (
    <Dialog
      title={channelMessages.removeTitle(code)}
      onClose={onClose}
      onSubmit={() => remove.mutate()}
      submit={adminMessages.delete}
      danger
      busy={remove.isPending}
      problem={<FormError error={remove.error} others={Object.values(fieldErrors(remove.error))} />}
    >
      <p>{channelMessages.removeText}</p>
    </Dialog>
  );
}
