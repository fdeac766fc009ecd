import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { FormError } from '@/components/admin/form-error';
import { AdminPage } from '@/components/admin/admin-page';
import { DataTable, PageBox } from '@/components/admin/data-table';
import { ChoiceFilter, FilterBar, SearchFilter, useFilters } from '@/components/admin/filters';
import { ListState } from '@/components/admin/list-state';
import { orderingOf } from '@/components/admin/sorting';
import { SortChoice } from '@/components/admin/sort-choice';
import { useSelection } from '@/components/admin/use-selection';
import { Pager } from '@/components/admin/pager';
import { Panel } from '@/components/admin/panel';
import { useToast } from '@/components/admin/use-toast';
import { DownloadIcon, MeterIcon, PlusIcon, SearchIcon, UploadIcon } from '@/components/icons';
import { StatePanel } from '@/components/state-panel';
import { useNow } from '@/lib/hooks/use-now';
import { adminMessages } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { SENDING_STATES, type ListedDevice } from '@/lib/transport/admin-types';
import { BulkBar } from './bulk-bar';
import { deviceColumns } from './device-columns';
import { DeviceForm } from '../form/device-form';
import classes from './devices-page.module.css';
import { ImportDialog } from '../import/import-dialog';
import {
  activityQuery,
  devicesQuery,
  exportDevices,
  ORDERINGS,
  ORDERINGS_BY_STATE,
  PAGE_SIZE,
  type Activity,
} from '../queries';
import { saveAs } from './save-as';
import { UserSelect } from '../user-select';

/** The age of the last reading moves on this often. */
const TICK_MS = 10_000;
const NO_ACTIVITY: ReadonlyMap<string, Activity> = new Map();

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
  const state = SENDING_STATES.find((each) => each === get('state')) ?? '';
  // monitoring_service, which knows the states, has fewer orders.
  const sortable = state === '' ? ORDERINGS : ORDERINGS_BY_STATE;
  const sorting = {
    ordering: orderingOf(get('ordering'), sortable, state === '' ? 'name' : 'last_reading_at'),
    onSort: (ordering: string) => filters.set('ordering', ordering),
  };
  /** Serial number and location are known to device_service alone. */
  const byState = state !== '' || sorting.ordering.endsWith('last_reading_at');
  const query = useQuery(devicesQuery(filter, state, sorting.ordering, page));
  const devices = query.data?.devices ?? [];
  const activity = useQuery(activityQuery(devices.map((device) => device.id))).data ?? NO_ACTIVITY;
  const now = useNow(TICK_MS);
  const columns = deviceColumns(activity, now, sortable);
  const selection = useSelection<ListedDevice>(JSON.stringify([filter, state]));
  const { chosen } = selection;
  const download = useMutation({
    mutationFn: () => exportDevices(filter),
    onSuccess: (csv) => saveAs('devices.csv', 'text/csv;charset=utf-8', csv),
  });
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
  const filtered = state !== '' || Object.keys(given).length > 0;
  const total = query.data?.count ?? 0;
  const rowSelection = {
    isSelected: selection.has,
    onRow: (device: ListedDevice, selected: boolean) => selection.set([device], selected, devices),
    onPage: (selected: boolean) => selection.set(devices, selected, devices),
    nameOf: (device: ListedDevice) => deviceMessages.selection.row(device.name),
    pageName: deviceMessages.selection.page,
  };

  return (
    <AdminPage
      title={adminMessages.devices.title}
      lead={adminMessages.devices.lead}
      actions={
        <>
          {/* device_service, which writes the file, does not know states: there the chosen devices are exported. */}
          {state === '' ? (
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
          ) : null}
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
          <SearchFilter filters={filters} hint={byState ? deviceMessages.searchByState : adminMessages.devices.searchHint} />
          <ChoiceFilter filters={filters} name="status" label={adminMessages.devices.status} choices={adminMessages.devices.statuses} />
          <ChoiceFilter filters={filters} name="state" label={deviceMessages.state} choices={deviceMessages.states} />
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
          <SortChoice columns={columns} sorting={sorting} />
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
                {chosen.all || chosen.rows.size > 0 ? (
                  <BulkBar
                    selected={chosen.all ? { filter: given, count: list.count } : { ids: [...chosen.rows.keys()] }}
                    number={chosen.all ? list.count : chosen.rows.size}
                    total={total}
                    onAll={state === '' ? selection.chooseAll : null}
                    onClear={selection.clear}
                    onDone={(message) => {
                      selection.clear();
                      notify(message);
                    }}
                  />
                ) : null}
                <div className={classes.pageBox}>
                  <PageBox selection={rowSelection} rows={list.devices} label={deviceMessages.selection.page} />
                </div>
                <DataTable
                  wide
                  caption={adminMessages.devices.caption}
                  columns={columns}
                  rows={list.devices}
                  rowKey={(device) => device.id}
                  faded={query.isPlaceholderData}
                  sorting={sorting}
                  selection={rowSelection}
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
