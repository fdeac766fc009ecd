import { useQuery } from '@tanstack/react-query';
import { useNow } from '@/lib/hooks/use-now';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { dayAndClock, exact } from '@/lib/labels/format';
import { ageParts } from '@/lib/labels/freshness';
import type { Device } from '@/lib/transport/admin-types';
import classes from './device-page.module.css';
import { activityQuery } from '../queries';
import { SendingTag } from '@/components/admin/sending-tag';

/** The age moves on this often. */
const TICK_MS = 10_000;

/** Whether the device sends, with its last reading: age, instant in its own zone, value. */
export function LastReading({ device }: { device: Device }) {
  const activity = useQuery(activityQuery([device.id])).data?.get(device.id);
  const now = useNow(TICK_MS);
  if (activity === undefined) return null;
  const { state, last_reading_at: at, last_reading_value: kwh } = activity;
  if (at === null) {
    return (
      <p className={classes.reading} data-testid="last-reading">
        <SendingTag state={state} />
      </p>
    );
  }
  const instant = Date.parse(at);
  const { value, unit } = ageParts(instant, now);
  return (
    <p className={classes.reading} data-testid="last-reading" data-state={state}>
      <SendingTag state={state} />
      <span>
        {deviceMessages.state}: <time dateTime={at}>{deviceMessages.lastAt(`${value} ${unit}`.trim(), dayAndClock(instant, device.timezone))}</time>
        {kwh === null ? null : ` · ${exact(kwh)} kWh`}
      </span>
    </p>
  );
}
