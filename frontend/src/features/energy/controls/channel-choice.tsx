import { NativeSelect } from '@mantine/core';
import { memo } from 'react';
import { choices, labelOf } from '@/lib/energy/channels';
import { t } from '@/lib/i18n/messages';
import type { MonitoredDevice } from '@/lib/transport/api-types';

type ChannelChoiceProps = {
  device: MonitoredDevice;
  channel: string;
  onChange: (code: string) => void;
};

/** The choice of a channel, for a device that has several of them in kWh. */
export const ChannelChoice = memo(function ChannelChoice({ device, channel, onChange }: ChannelChoiceProps) {
  const offered = choices(device);
  if (offered.length < 2) return null;
  return (
    <NativeSelect
      size="xs"
      aria-label={t.channel.select}
      data-testid="channel-choice"
      value={channel}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data={offered.map((each) => ({ value: each.code, label: labelOf(each) }))}
    />
  );
});
