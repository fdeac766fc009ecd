"""Writes of devices: change, log entry and event in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from rest_framework.exceptions import ValidationError

from devices.access.selectors import device_locked
from devices.assignments.services import assignment_close
from devices.inventory.lifecycle import allowed_after
from devices.log.actors import Actor
from devices.log.services import log_append, log_entry
from devices.models import Device, DeviceStatus, LogAction, LogEntry
from devices.publishing.events import device_deleted, device_saved
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
LOGGED_FIELDS = (*EDITABLE_FIELDS, "status")

#: Rows that one statement of an import inserts. A row has some 25 values; much longer statements
#: take PostgreSQL long to parse.
BULK_SIZE = 1_000

#: Field and message for each unique constraint. The id of a deleted device stays taken: other
#: services hold its last version and would ignore a new device of that id as an old event.
UNIQUE_CONSTRAINTS = {
    "device_serial_number_unique": ("serial_number", "Another device has this serial number."),
    "device_pkey": ("id", "A device has or had this id. An id is never used again."),
}


@transaction.atomic
def device_create(*, actor: Actor, values: Mapping[str, object], notes: str = "") -> Device:
    """Create a device in stock. Raises ValidationError when its serial number or id is taken."""
    device = Device(**values)
    with _uniqueness_checked():
        device.save(force_insert=True)
    log_append(device, actor, LogAction.CREATED, new=_logged_values(device), notes=notes)
    outbox_append([device_saved(device, "device_created")])
    return device


@transaction.atomic
def devices_create(
    *, actor: Actor, rows: Iterable[Mapping[str, object]], notes: str = ""
) -> list[Device]:
    """Create a device from each row, in stock unless the row has another status, or none at all.

    Raises ValidationError when a serial number is taken.
    """
    devices = [_new_device(values) for values in rows]
    with _uniqueness_checked():
        Device.objects.bulk_create(devices, batch_size=BULK_SIZE)
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
    with _uniqueness_checked():
        _change(device, actor, LogAction.UPDATED, values, notes)
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
    _change(device, actor, LogAction.STATUS_CHANGED, values, notes)
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


def _change(
    device: Device,
    actor: Actor,
    action: LogAction,
    values: Mapping[str, object],
    notes: str = "",
) -> None:
    """Store the values that differ, with version, log entry and event."""
    old = {field: getattr(device, field) for field in values}
    changed = [field for field in values if values[field] != old[field]]
    if not changed:
        return
    for field in changed:
        setattr(device, field, values[field])
    device.version += 1
    device.updated_at = now()
    device.save(update_fields=[*changed, "retired_at", "version", "updated_at"])
    log_append(
        device,
        actor,
        action,
        old={field: old[field] for field in changed},
        new={field: values[field] for field in changed},
        notes=notes,
    )
    outbox_append([device_saved(device, "device_updated")])


def _logged_values(device: Device) -> dict[str, object]:
    return {field: getattr(device, field) for field in LOGGED_FIELDS}


@contextmanager
def _uniqueness_checked() -> Iterator[None]:
    """Turn a violated unique constraint into a ValidationError of its field.

    The constraint decides, because a check before the insert cannot see a concurrent insert.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        for constraint, (field, message) in UNIQUE_CONSTRAINTS.items():
            if constraint in str(error):
                raise ValidationError({field: [message]}, code="unique") from error
        raise
