"""Writes of devices: change, log entry and event in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.timezone import now

from devices.access.selectors import device_locked
from devices.assignments.services import assignment_close
from devices.changes.services import device_change, uniqueness_checked
from devices.channel_kinds import MAIN_FIELDS
from devices.channels.rules import check_channels
from devices.channels.services import channel_log
from devices.inventory.lifecycle import allowed_after
from devices.log.actors import Actor
from devices.log.services import log_append, log_entry
from devices.meters.services import check_serial_number
from devices.models import Channel, Device, DeviceStatus, LogAction, LogEntry
from devices.publishing.events import PUBLISHED_RELATIONS, device_deleted, device_saved
from service_kit.api.errors import Conflict
from service_kit.outbox.services import outbox_append

#: Fields that administrators set; the services set the others.
EDITABLE_FIELDS = (
    "name",
    "description",
    "device_type",
    "serial_number",
    "manufacturer",
    "model",
    "location",
    "max_consumption",
    "timezone",
    "interval_seconds",
    "reading_kind",
    "register_digits",
    "max_power_kw",
    "purchase_date",
    "deploy_date",
    "last_maintenance_date",
    "specifications",
)
#: Fields of the channel `main` that only the routes of channels set.
CHANNEL_FIELDS = tuple(field for field in MAIN_FIELDS.values() if field not in EDITABLE_FIELDS)
LOGGED_FIELDS = (*EDITABLE_FIELDS, *CHANNEL_FIELDS, "status")

#: Rows that one statement of an import inserts. A row has some 25 values; much longer statements
#: take PostgreSQL long to parse.
BULK_SIZE = 1_000


@transaction.atomic
def device_create(*, actor: Actor, values: Mapping[str, Any], notes: str = "") -> Device:
    """Create a device in stock; `channels` among the values are those besides `main`.

    Raises ValidationError when its serial number or id is taken.
    """
    values = dict(values)
    channels = values.pop("channels", ())
    device = Device(**values)
    with uniqueness_checked():
        device.save(force_insert=True)
    Channel.objects.bulk_create(Channel(device=device, **each) for each in channels)
    prefetch_related_objects([device], *PUBLISHED_RELATIONS)
    log_append(device, actor, LogAction.CREATED, new=_logged_values(device), notes=notes)
    outbox_append([device_saved(device, "device_created")])
    return device


@transaction.atomic
def devices_create(
    *, actor: Actor, rows: Iterable[Mapping[str, Any]], notes: str = ""
) -> list[Device]:
    """Create a device from each row, in stock unless the row has another status, or none at all.

    `channels` among the values of a row are those besides `main`.

    Raises ValidationError when a serial number is taken.
    """
    devices, channels = [], []
    for row in rows:
        values = dict(row)
        further = values.pop("channels", ())
        devices.append(device := _new_device(values))
        channels += [Channel(device=device, **each) for each in further]
    with uniqueness_checked():
        Device.objects.bulk_create(devices, batch_size=BULK_SIZE)
    Channel.objects.bulk_create(channels, batch_size=BULK_SIZE)
    prefetch_related_objects(devices, *PUBLISHED_RELATIONS)
    entries = (
        log_entry(device, actor, LogAction.CREATED, new=_logged_values(device), notes=notes)
        for device in devices
    )
    LogEntry.objects.bulk_create(entries, batch_size=BULK_SIZE)
    for begin in range(0, len(devices), BULK_SIZE):
        chunk = devices[begin : begin + BULK_SIZE]
        outbox_append([device_saved(device, "device_created") for device in chunk])
    return devices


@transaction.atomic
def device_update(
    *, actor: Actor, device_id: UUID, values: Mapping[str, object], notes: str = ""
) -> Device:
    """Set `values` and return the device; write no version, event or log entry if nothing differs.

    Raises NotFound, and ValidationError when the serial number is taken.
    """
    device = device_locked(device_id)
    _check_main(device, values)
    is_renamed = values.get("serial_number", device.serial_number) != device.serial_number
    with uniqueness_checked():
        device_change(device, actor, LogAction.UPDATED, values, notes=notes)
    if is_renamed and (mounted_at := device.all_meters()[-1].mounted_at) is not None:
        check_serial_number(device, since=mounted_at)
    return device


@transaction.atomic
def device_transition(
    *,
    actor: Actor,
    device_id: UUID,
    target: DeviceStatus,
    location: str | None = None,
    notes: str = "",
) -> Device:
    """Change the status to `target`, and the location if one is given; return the device.

    Without `location` the device keeps its location, which may be empty; a device that returns to
    stock loses it. Raises NotFound, and Conflict for a transition outside the table.
    """
    device = device_locked(device_id)
    if target not in allowed_after(device.status):
        raise _not_allowed(device, target)
    values = _transition_values(device, target, location)
    device.retired_at = now() if target is DeviceStatus.RETIRED else None
    device_change(device, actor, LogAction.STATUS_CHANGED, values, notes=notes)
    return device


def devices_transition(
    *,
    actor: Actor,
    devices: Iterable[Device],
    target: DeviceStatus,
    location: str | None = None,
    notes: str = "",
) -> dict[UUID, str]:
    """Change the status of the devices that may take `target`; return why others may not, by id.

    Devices that are `target` already stay as they are. Requires: a transaction with locks on the
    devices.
    """
    rejections: dict[UUID, str] = {}
    changed, entries, fields = [], [], {"version", "updated_at", "retired_at"}
    for device in devices:
        if device.status == target:
            continue
        if target not in allowed_after(device.status):
            rejections[device.id] = str(_not_allowed(device, target).detail)
            continue
        values = _transition_values(device, target, location)
        old = {field: getattr(device, field) for field in values}
        differing = [field for field in values if values[field] != old[field]]
        for field in differing:
            setattr(device, field, values[field])
        device.version += 1
        device.updated_at = now()
        device.retired_at = now() if target is DeviceStatus.RETIRED else None
        fields |= {*differing}
        changed.append(device)
        entries.append(
            log_entry(
                device,
                actor,
                LogAction.STATUS_CHANGED,
                old={field: old[field] for field in differing},
                new={field: values[field] for field in differing},
                notes=notes,
            )
        )
    if changed:
        Device.objects.bulk_update(changed, sorted(fields), batch_size=BULK_SIZE)
        LogEntry.objects.bulk_create(entries, batch_size=BULK_SIZE)
    for begin in range(0, len(changed), BULK_SIZE):
        chunk = changed[begin : begin + BULK_SIZE]
        prefetch_related_objects(chunk, *PUBLISHED_RELATIONS)
        outbox_append([device_saved(device, "device_updated") for device in chunk])
    return rejections


@transaction.atomic
def device_delete(*, actor: Actor, device_id: UUID) -> None:
    """End the device's assignments and turn it into a tombstone. Raises NotFound."""
    device = device_locked(device_id)
    for assignment in device.assignments.filter(ended_at=None).order_by("user_id"):
        assignment_close(device, assignment, actor)
    device.deleted_at = device.updated_at = now()
    device.version += 1
    device.save(update_fields=["deleted_at", "updated_at", "version"])
    log_append(device, actor, LogAction.DELETED, old=_logged_values(device))
    outbox_append([device_deleted(device)])


def _not_allowed(device: Device, target: DeviceStatus) -> Conflict:
    allowed = allowed_after(device.status)
    return Conflict(
        f"A device that is {device.status} cannot become {target.value}; "
        f"allowed: {', '.join(allowed) or 'nothing, this is final'}.",
        code="transition_not_allowed",
        allowed=allowed,
    )


def _transition_values(
    device: Device, target: DeviceStatus, location: str | None
) -> dict[str, object]:
    """Return the fields that a transition sets; a device that returns to stock has no place."""
    values: dict[str, object] = {"status": target.value, **_dates_of(target, device.timezone)}
    if location is not None:
        values["location"] = location
    elif target is DeviceStatus.IN_STOCK:
        values["location"] = ""
    return values


def _new_device(values: Mapping[str, object]) -> Device:
    """Return a device that is not stored yet, with the dates that its status brings.

    A date in `values` stays: a file may tell when a device was deployed.
    """
    device = Device(**values)
    target = DeviceStatus(device.status)
    for field, today in _dates_of(target, device.timezone).items():
        if getattr(device, field) is None:
            setattr(device, field, today)
    device.retired_at = now() if target is DeviceStatus.RETIRED else None
    return device


def _dates_of(target: DeviceStatus, timezone: str) -> dict[str, date]:
    """Return the date fields that a device gets today, in its zone, with the status `target`."""
    today = now().astimezone(ZoneInfo(timezone)).date()
    if target is DeviceStatus.DEPLOYED:
        return {"deploy_date": today}
    if target is DeviceStatus.MAINTENANCE:
        return {"last_maintenance_date": today}
    return {}


def _logged_values(device: Device) -> dict[str, object]:
    values: dict[str, object] = {field: getattr(device, field) for field in LOGGED_FIELDS}
    for channel in device.channels.all():
        values |= channel_log(channel)
    return values


def _check_main(device: Device, values: Mapping[str, object]) -> None:
    """Check the channels as they are with new values of the device. Raises ValidationError."""
    changed = {field for field in MAIN_FIELDS.values() if field in values}
    if all(getattr(device, field) == values[field] for field in changed):
        return
    main, *others = device.all_channels()
    for name, field in MAIN_FIELDS.items():
        setattr(main, name, values.get(field, getattr(main, name)))
    check_channels([main, *others])
