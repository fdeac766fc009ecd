import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { FormError } from '@/components/admin/form-error';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, type Column } from '@/components/admin/data-table';
import { ChoiceFilter, FilterBar, SearchFilter, useFilters } from '@/components/admin/filters';
import { ListState } from '@/components/admin/list-state';
import { Pager } from '@/components/admin/pager';
import { Panel } from '@/components/admin/panel';
import { useToast } from '@/components/admin/use-toast';
import { DownloadIcon, MeterIcon, PlusIcon, SearchIcon, UploadIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { adminMessages } from '@/lib/i18n/admin';
import type { Device } from '@/lib/transport/admin-types';
import { exact } from '@/lib/labels/format';
import { moment } from '@/lib/labels/moments';
import { DeviceForm } from '../form/device-form';
import classes from './devices-page.module.css';
import { ImportDialog } from '../import/import-dialog';
import { devicesQuery, exportDevices, PAGE_SIZE } from '../queries';
import { saveAs } from './save-as';
import { StatusTag } from '../status-tag';
import { UserSelect } from '../user-select';

const COLUMNS: Column<Device>[] = [
  {
    key: 'name',
    head: adminMessages.devices.name,
    cell: (device) => <Link to={`/manage/devices/${device.id}`}>{device.name}</Link>,
  },
  { key: 'serial', head: adminMessages.devices.serial, cell: (device) => device.serial_number },
  { key: 'type', head: adminMessages.devices.type, cell: (device) => adminMessages.devices.types[device.device_type] },
  { key: 'status', head: adminMessages.devices.status, cell: (device) => <StatusTag status={device.status} /> },
  { key: 'location', head: adminMessages.devices.location, cell: (device) => device.location || '—' },
  {
    key: 'limit',
    head: adminMessages.devices.limit,
    align: 'end',
    cell: (device) => (device.max_consumption === null ? '—' : `${exact(device.max_consumption)} kWh`),
  },
  { key: 'updated', head: adminMessages.devices.updated, align: 'end', tight: true, cell: (device) => moment(device.updated_at) },
];

export function DevicesPage() {
  const filters = useFilters();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'create' | 'import' | null>(null);
  const { toast, notify } = useToast();
  const { get, page } = filters;
  /** The id of an unregistered device that is to be registered; null in every other case. */
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
      title={adminMessages.devices.title}
      lead={adminMessages.devices.lead}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<DownloadIcon size={18} />}
            onClick={() => download.mutate()}
            loading={download.isPending}
            title={adminMessages.devices.exportHint}
            data-testid="device-export"
          >
            {adminMessages.devices.export}
          </Button>
          <Button
            variant="default"
            leftSection={<UploadIcon size={18} />}
            onClick={() => setOpen('import')}
            data-testid="device-import"
          >
            {adminMessages.devices.import}
          </Button>
          <Button leftSection={<PlusIcon size={18} />} onClick={() => setOpen('create')} data-testid="device-create">
            {adminMessages.devices.create}
          </Button>
        </>
      }
    >
      <FormError error={download.error} />
      <Panel>
        <FilterBar>
          <SearchFilter filters={filters} hint={adminMessages.devices.searchHint} />
          <ChoiceFilter filters={filters} name="status" label={adminMessages.devices.status} choices={adminMessages.devices.statuses} />
          <ChoiceFilter filters={filters} name="device_type" label={adminMessages.devices.type} choices={adminMessages.devices.types} />
          <UserSelect
            className={classes.user}
            label={adminMessages.devices.assignedTo}
            placeholder={`${adminMessages.devices.assignedTo}: ${adminMessages.devices.anyone}`}
            value={filter.assigned_to}
            onChange={(id) => filters.set('assigned_to', id)}
            clearable
            testId="filter-assigned_to"
          />
        </FilterBar>
        <ListState query={query}>
          {(list) =>
            list.count === 0 ? (
              <StatePanel
                icon={filtered ? <SearchIcon /> : <MeterIcon />}
                title={filtered ? adminMessages.devices.emptyTitle : adminMessages.devices.noneTitle}
                text={filtered ? adminMessages.devices.emptyText : adminMessages.devices.noneText}
              />
            ) : (
              <>
                <DataTable
                  caption={adminMessages.devices.caption}
                  columns={COLUMNS}
                  rows={list.results}
                  rowKey={(device) => device.id}
                  faded={query.isPlaceholderData}
                  testId="devices"
                />
                <Pager page={page} size={PAGE_SIZE} total={list.count} onPage={(to) => filters.set('page', String(to))} />
              </>
            )
          }
        </ListState>
      </Panel>
      {toast}
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
          onDone={(message) => {
            setOpen(null);
            notify(message);
          }}
        />
      ) : null}
    </AdminPage>
  );
}
