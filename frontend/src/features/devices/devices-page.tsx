import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { ActionProblem } from '@/components/admin/action-problem';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, type Column } from '@/components/admin/data-table';
import { DoneNote } from '@/components/admin/done-note';
import { ChoiceFilter, FilterBar, SearchFilter, useFilters } from '@/components/admin/filters';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Panel } from '@/components/admin/panel';
import { DownloadIcon, MeterIcon, PlusIcon, SearchIcon, UploadIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { ta } from '@/lib/i18n/admin';
import type { Device } from '@/lib/transport/admin-types';
import { exact } from '@/lib/labels/format';
import { moment } from '@/lib/labels/moments';
import { DeviceForm } from './device-form';
import classes from './devices-page.module.css';
import { ImportDialog } from './import-dialog';
import { devicesQuery, exportDevices, PAGE_SIZE } from './queries';
import { saveAs } from './save-as';
import { StatusTag } from './status-tag';
import { UserSelect } from './user-select';

const COLUMNS: Column<Device>[] = [
  {
    key: 'name',
    head: ta.devices.name,
    cell: (device) => <Link to={`/manage/devices/${device.id}`}>{device.name}</Link>,
  },
  { key: 'serial', head: ta.devices.serial, cell: (device) => device.serial_number },
  { key: 'type', head: ta.devices.type, cell: (device) => ta.devices.types[device.device_type] },
  { key: 'status', head: ta.devices.status, cell: (device) => <StatusTag status={device.status} /> },
  { key: 'location', head: ta.devices.location, cell: (device) => device.location || '—' },
  {
    key: 'limit',
    head: ta.devices.limit,
    align: 'end',
    cell: (device) => (device.max_consumption === null ? '—' : `${exact(device.max_consumption)} kWh`),
  },
  { key: 'updated', head: ta.devices.updated, align: 'end', tight: true, cell: (device) => moment(device.updated_at) },
];

export function DevicesPage() {
  const filters = useFilters();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'create' | 'import' | null>(null);
  const [said, setSaid] = useState('');
  const forget = useCallback(() => setSaid(''), []);
  const { get, page } = filters;
  /** From the list of devices that send and are not registered. */
  const sendsAs = get('register') || null;
  const filter = {
    search: get('search'),
    status: get('status'),
    device_type: get('device_type'),
    assigned_to: get('assigned_to'),
  };
  const query = useQuery(devicesQuery(filter, page));
  const download = useMutation({
    mutationFn: () => exportDevices(filter),
    onSuccess: (csv) => saveAs('devices.csv', 'text/csv;charset=utf-8', csv),
  });
  const filtered = Object.values(filter).some((value) => value !== '');

  return (
    <AdminPage
      title={ta.devices.title}
      lead={ta.devices.lead}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<DownloadIcon size={18} />}
            onClick={() => download.mutate()}
            loading={download.isPending}
            title={ta.devices.exportHint}
            data-testid="device-export"
          >
            {ta.devices.export}
          </Button>
          <Button
            variant="default"
            leftSection={<UploadIcon size={18} />}
            onClick={() => setOpen('import')}
            data-testid="device-import"
          >
            {ta.devices.import}
          </Button>
          <Button leftSection={<PlusIcon size={18} />} onClick={() => setOpen('create')} data-testid="device-create">
            {ta.devices.create}
          </Button>
        </>
      }
    >
      <ActionProblem error={download.error} />
      <Panel>
        <FilterBar>
          <SearchFilter filters={filters} hint={ta.devices.searchHint} />
          <ChoiceFilter filters={filters} name="status" label={ta.devices.status} choices={ta.devices.statuses} />
          <ChoiceFilter filters={filters} name="device_type" label={ta.devices.type} choices={ta.devices.types} />
          <UserSelect
            className={classes.user}
            label={ta.devices.assignedTo}
            placeholder={`${ta.devices.assignedTo}: ${ta.devices.anyone}`}
            value={filter.assigned_to}
            onChange={(id) => filters.set('assigned_to', id)}
            clearable
            testId="filter-assigned_to"
          />
        </FilterBar>
        <ListState query={query}>
          {(found) =>
            found.count === 0 ? (
              <StatePanel
                icon={filtered ? <SearchIcon /> : <MeterIcon />}
                title={filtered ? ta.devices.emptyTitle : ta.devices.noneTitle}
                text={filtered ? ta.devices.emptyText : ta.devices.noneText}
              />
            ) : (
              <>
                <DataTable
                  caption={ta.devices.caption}
                  columns={COLUMNS}
                  rows={found.results}
                  rowKey={(device) => device.id}
                  faded={query.isPlaceholderData}
                  testId="devices"
                />
                <Pager page={page} size={PAGE_SIZE} total={found.count} onPage={(to) => filters.set('page', String(to))} />
              </>
            )
          }
        </ListState>
      </Panel>
      <DoneNote text={said} onGone={forget} />
      {open === 'create' || sendsAs !== null ? (
        <DeviceForm
          device={null}
          sendsAs={sendsAs}
          onClose={() => {
            setOpen(null);
            filters.set('register', null);
          }}
          onDone={(device) => void navigate(`/manage/devices/${device.id}`)}
        />
      ) : null}
      {open === 'import' ? (
        <ImportDialog
          onClose={() => setOpen(null)}
          onDone={(words) => {
            setOpen(null);
            setSaid(words);
          }}
        />
      ) : null}
    </AdminPage>
  );
}
