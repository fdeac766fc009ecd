"""Writes of devices and assignments: change, log entry and events in one transaction.

A function that locks a user and a device locks the user first, so that no two writers deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from rest_framework.exceptions import NotFound, ValidationError

from devices import events
from devices.lifecycle import DeviceStatus, allowed_after
from devices.models import Assignment, Device, LogAction, LogEntry
from service_kit.errors import Conflict
from service_kit.identity.models import KnownUser
from service_kit.identity.services import known_user_delete
from service_kit.outbox.services import outbox_append
from service_kit.request_id import current_request_id

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
    "device_pkey": ("id", "A device has this id, or had it: ids are never used again."),
}


@dataclass(frozen=True)
class Actor:
    """The user who makes a change; `id` is None for the platform itself."""

    id: UUID | None
    name: str


PLATFORM = Actor(None, "")


@transaction.atomic
def device_create(*, actor: Actor, values: Mapping[str, object], notes: str = "") -> Device:
    """Create a device in stock. Raises ValidationError when its serial number or id is taken."""
    device = Device(**values)
    with _uniqueness_checked():
        device.save(force_insert=True)
    _log(device, actor, LogAction.CREATED, new=_logged_values(device), notes=notes)
    outbox_append([events.device_saved(device, "device_created")])
    return device


@transaction.atomic
def devices_create(
    *, actor: Actor, rows: Iterable[Mapping[str, object]], notes: str = ""
) -> list[Device]:
    """Create a device in stock from each row, or none at all.

    Raises ValidationError when a serial number is taken.
    """
    devices = [Device(**values) for values in rows]
    with _uniqueness_checked():
        Device.objects.bulk_create(devices, batch_size=BULK_SIZE)
    entries = (
        _entry(device, actor, LogAction.CREATED, new=_logged_values(device), notes=notes)
        for device in devices
    )
    LogEntry.objects.bulk_create(entries, batch_size=BULK_SIZE)
    for begin in range(0, len(devices), BULK_SIZE):
        chunk = devices[begin : begin + BULK_SIZE]
        outbox_append([events.device_saved(device, "device_created") for device in chunk])
    return devices


@transaction.atomic
def device_update(
    *, actor: Actor, device_id: UUID, values: Mapping[str, object], notes: str = ""
) -> Device:
    """Set `values` and return the device; equal values make no version, event or log entry.

    Raises NotFound, and ValidationError when the serial number is taken.
    """
    device = _locked(device_id)
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
    device = _locked(device_id)
    allowed = allowed_after(device.status)
    if target not in allowed:
        raise Conflict(
            f"A device that is {device.status} cannot become {target.value}; "
            f"allowed: {', '.join(allowed) or 'nothing, this is final'}.",
            code="transition_not_allowed",
            allowed=allowed,
        )
    values: dict[str, object] = {"status": target.value}
    today = now().astimezone(ZoneInfo(device.timezone)).date()
    if location is not None:
        values["location"] = location
    elif target is DeviceStatus.IN_STOCK:
        values["location"] = ""
    if target is DeviceStatus.DEPLOYED:
        values["deploy_date"] = today
    elif target is DeviceStatus.MAINTENANCE:
        values["last_maintenance_date"] = today
    device.retired_at = now() if target is DeviceStatus.RETIRED else None
    _change(device, actor, LogAction.STATUS_CHANGED, values, notes)
    return device


@transaction.atomic
def device_delete(*, actor: Actor, device_id: UUID) -> None:
    """End the device's assignments and turn it into a tombstone. Raises NotFound."""
    device = _locked(device_id)
    for assignment in device.assignments.filter(ended_at=None).order_by("user_id"):
        _end(device, assignment, actor)
    device.deleted_at = device.updated_at = now()
    device.version += 1
    device.save(update_fields=["deleted_at", "updated_at", "version"])
    _log(device, actor, LogAction.DELETED, old=_logged_values(device))
    outbox_append([events.device_deleted(device)])


@transaction.atomic
def assignment_create(
    *, actor: Actor, device_id: UUID, user_id: UUID, notes: str = ""
) -> tuple[Assignment, bool]:
    """Assign the device to the user; return the present assignment and whether it is new.

    An inactive user may have a device, because access is checked in each request. The lock on the
    user makes a concurrent deletion of the user wait, and then end this assignment too.

    Raises NotFound, and ValidationError for an unknown or deleted user.
    """
    users = KnownUser.objects.select_for_update(no_key=True).filter(id=user_id, deleted=False)
    if actor.id is None or users.first() is None:
        raise ValidationError({"user_id": ["No such user is known here (yet)."]})
    device = _locked(device_id)
    periods = device.assignments.filter(user_id=user_id)
    latest = periods.order_by("-version").first()
    if latest is not None and latest.ended_at is None:
        return latest, False
    assignment = Assignment.objects.create(
        device=device,
        user_id=user_id,
        assigned_by=actor.id,
        version=1 if latest is None else latest.version + 1,
    )
    _log(device, actor, LogAction.ASSIGNED, new={"user_id": user_id}, notes=notes)
    outbox_append([events.assignment_state(assignment)])
    return assignment, True


@transaction.atomic
def assignment_end(*, actor: Actor, device_id: UUID, user_id: UUID) -> None:
    """End the user's assignment of the device. Raises NotFound when the user has none."""
    device = _locked(device_id)
    assignment = device.assignments.filter(user_id=user_id, ended_at=None).first()
    if assignment is None:
        raise NotFound
    _end(device, assignment, actor)


@transaction.atomic
def deleted_user_apply(*, user_id: UUID, version: int) -> None:
    """Delete the copy of a user whose account was deleted, and end their assignments.

    A repeated or older event changes nothing.
    """
    if not known_user_delete(user_id=user_id, version=version):
        return
    devices = (
        Device.objects.select_for_update(of=("self",))
        .filter(assignments__user_id=user_id, assignments__ended_at=None)
        .order_by("id")
    )
    for device in devices:
        assignment = device.assignments.get(user_id=user_id, ended_at=None)
        _end(device, assignment, PLATFORM, notes="The account was deleted.")


def _locked(device_id: UUID) -> Device:
    """Return the device, locked until the end of the transaction. Raises NotFound."""
    device = Device.objects.select_for_update().filter(id=device_id, deleted_at=None).first()
    if device is None:
        raise NotFound
    return device


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
    _log(
        device,
        actor,
        action,
        old={field: old[field] for field in changed},
        new={field: values[field] for field in changed},
        notes=notes,
    )
    outbox_append([events.device_saved(device, "device_updated")])


def _end(device: Device, assignment: Assignment, actor: Actor, notes: str = "") -> None:
    """End the assignment. Requires: a lock on the device."""
    assignment.ended_at = now()
    assignment.ended_by = actor.id
    assignment.version += 1
    assignment.save(update_fields=["ended_at", "ended_by", "version"])
    _log(device, actor, LogAction.UNASSIGNED, old={"user_id": assignment.user_id}, notes=notes)
    outbox_append([events.assignment_state(assignment)])


def _logged_values(device: Device) -> dict[str, object]:
    return {field: getattr(device, field) for field in LOGGED_FIELDS}


def _log(device: Device, actor: Actor, action: LogAction, **details: Any) -> None:
    _entry(device, actor, action, **details).save(force_insert=True)


def _entry(
    device: Device,
    actor: Actor,
    action: LogAction,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    notes: str = "",
) -> LogEntry:
    return LogEntry(
        device=device,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        old_values={field: _json_value(value) for field, value in (old or {}).items()},
        new_values={field: _json_value(value) for field, value in (new or {}).items()},
        notes=notes,
        request_id=current_request_id(),
    )


def _json_value(value: object) -> object:
    """Return `value` as the API writes it."""
    if isinstance(value, Decimal):
        return events.number(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


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
