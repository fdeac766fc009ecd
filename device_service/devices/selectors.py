"""Reads of devices, assignments and the log; each shows a user only what the user may see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from rest_framework.exceptions import NotFound

from devices.models import Assignment, Device, LogEntry
from service_kit.identity.models import KnownUser
from service_kit.ordering import Ordering
from service_kit.permissions import Permission, has_permission
from service_kit.search import rows_matching

#: Fields of a device that `search` looks through.
SEARCHED_FIELDS = ("name", "serial_number", "description", "manufacturer", "model", "location")

#: Fields in whose order the case of letters does not count: "beta" is between "Alpha" and "Gamma".
CASELESS_FIELDS = ("name", "serial_number", "location")

DEVICES_BY_NAME = Ordering.by("name", caseless=CASELESS_FIELDS)
LATEST_ASSIGNMENTS = Ordering.by("-assigned_at")
LATEST_ENTRIES = Ordering.by("-id")


def devices_visible(*, user: KnownUser) -> QuerySet[Device]:
    """Return the devices that the user may see: all of them, or those assigned to the user now."""
    devices = Device.objects.filter(deleted_at=None)
    if has_permission(user, Permission.READ_ALL_DEVICES):
        return devices
    return devices.filter(_is_assigned_to(user.id))


def device_get(*, user: KnownUser, device_id: UUID) -> Device:
    """Return the device. Raises NotFound for a device that the user may not see."""
    device = devices_visible(user=user).filter(id=device_id).first()
    if device is None:
        raise NotFound
    return device


def device_list(
    *,
    user: KnownUser,
    status: str | None = None,
    device_type: str | None = None,
    assigned_to: UUID | None = None,
    search: str = "",
    ordering: Ordering = DEVICES_BY_NAME,
) -> QuerySet[Device]:
    """Return the visible devices that match all of the filters, in the given order."""
    devices = devices_visible(user=user)
    if status is not None:
        devices = devices.filter(status=status)
    if device_type is not None:
        devices = devices.filter(device_type=device_type)
    if assigned_to is not None:
        devices = devices.filter(_is_assigned_to(assigned_to))
        # A client must not learn which other users have the client's devices.
        if assigned_to != user.id and not has_permission(user, Permission.READ_ALL_DEVICES):
            devices = devices.none()
    return ordering.sort(rows_matching(devices, search, fields=SEARCHED_FIELDS))


def device_is_known(*, device_id: UUID) -> bool:
    """Return whether a device of that id exists or was deleted."""
    return Device.objects.filter(id=device_id).exists()


def assignment_list(
    *, user: KnownUser, device: Device, history: bool = False
) -> QuerySet[Assignment]:
    """Return the device's assignments, newest first; with `history` the ended ones too.

    Users who may not see all devices get their own assignments only.
    """
    assignments = Assignment.objects.filter(device=device)
    if not has_permission(user, Permission.READ_ALL_DEVICES):
        assignments = assignments.filter(user_id=user.id)
    if not history:
        assignments = assignments.filter(ended_at=None)
    return LATEST_ASSIGNMENTS.sort(_with_username(assignments))


def assignment_get(*, assignment_id: int) -> Assignment:
    """Return the assignment with its `username`."""
    return _with_username(Assignment.objects.filter(id=assignment_id)).get()


def log_list(
    *,
    device_id: UUID | None = None,
    actor_id: UUID | None = None,
    action: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[LogEntry]:
    """Return the log entries that match all of the filters, newest first.

    Entries of deleted devices are included; `start` is inclusive, `end` exclusive.
    """
    filters = {
        "device_id": device_id,
        "actor_id": actor_id,
        "action": action,
        "occurred_at__gte": start,
        "occurred_at__lt": end,
    }
    given = {name: value for name, value in filters.items() if value is not None}
    return LATEST_ENTRIES.sort(LogEntry.objects.filter(**given))


def _is_assigned_to(user_id: UUID) -> Exists:
    return Exists(Assignment.objects.filter(device=OuterRef("pk"), user_id=user_id, ended_at=None))


def _with_username(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Return the assignments with `username`, which is "" for a deleted user."""
    usernames = KnownUser.objects.filter(id=OuterRef("user_id")).values("username")
    return assignments.annotate(username=Subquery(usernames))
