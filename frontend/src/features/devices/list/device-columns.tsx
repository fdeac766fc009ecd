import { Link } from 'react-router';
import type { Column } from '@/components/admin/data-table';
import { adminMessages, count } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { t } from '@/lib/i18n/messages';
import { ageParts } from '@/lib/labels/freshness';
import { moment } from '@/lib/labels/moments';
import type { ListedDevice } from '@/lib/transport/admin-types';
import classes from './devices-page.module.css';
import type { Activity } from '../queries';
import { SendingTag } from '@/components/admin/sending-tag';
import { StatusTag } from '../status-tag';

const WORDS = adminMessages.devices;

/** Names of users that a row shows; the page of the device lists them all. */
const SHOWN_USERS = 2;

function users({ assigned_to: known, assigned_count: all }: ListedDevice): string {
  if (all === 0) return t.none;
  const names = known.slice(0, SHOWN_USERS).map((user) => user.username);
  const text = names.join(', ');
  return all > names.length ? deviceMessages.assignedMore(text, count(all - names.length)) : text;
}

/** The state with the age of the last reading; unknown while monitoring_service does not answer. */
function LastReading({ activity, now }: { activity: Activity | undefined; now: number }) {
  if (activity === undefined) return <span title={deviceMessages.stateUnknown}>{t.none}</span>;
  const at = activity.last_reading_at;
  const age = at === null ? null : ageParts(Date.parse(at), now);
  return (
    <span className={classes.state}>
      <SendingTag state={activity.state} />
      {at === null || age === null ? null : (
        <time className={classes.age} dateTime={at} title={moment(at)}>
          {`${age.value} ${age.unit}`.trim()}
        </time>
      )}
    </span>
  );
}

/** The columns of the list of devices at `now`; `sortable` are the orders that it offers. */
export function deviceColumns(
  activity: ReadonlyMap<string, Activity>,
  now: number,
  sortable: readonly string[],
): Column<ListedDevice>[] {
  const columns: Column<ListedDevice>[] = [
    { key: 'name', head: WORDS.name, sort: 'name', cell: (device) => <Link to={`/manage/devices/${device.id}`}>{device.name}</Link> },
    { key: 'serial', head: WORDS.serial, sort: 'serial_number', cell: (device) => device.serial_number },
    { key: 'type', head: WORDS.type, sort: 'device_type', tight: true, cell: (device) => WORDS.types[device.device_type] },
    { key: 'status', head: WORDS.status, sort: 'status', tight: true, cell: (device) => <StatusTag status={device.status} /> },
    {
      key: 'state',
      head: deviceMessages.state,
      sort: 'last_reading_at',
      tight: true,
      cell: (device) => <LastReading activity={activity.get(device.id)} now={now} />,
    },
    { key: 'location', head: WORDS.location, sort: 'location', cell: (device) => device.location || t.none },
    { key: 'users', head: WORDS.assignedTo, cell: users },
    { key: 'updated', head: WORDS.updated, sort: 'updated_at', align: 'end', tight: true, cell: (device) => moment(device.updated_at) },
  ];
  return columns.map((column) => {
    const { sort, ...rest } = column;
    return sort !== undefined && sortable.includes(sort) ? column : rest;
  });
}
