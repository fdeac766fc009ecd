"""Reads. What a client may not see is left out here, for every route at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from rest_framework.exceptions import NotFound

from devices.models import Assignment, Device, LogEntry
from service_kit.identity.models import KnownUser
from service_kit.ordering import Ordering

#: The texts in which `search` looks.
SEARCHED_FIELDS = ("name", "serial_number", "description", "manufacturer", "model", "location")

#: The texts by which people look things up in a list: "beta" stands between "Alpha" and "Gamma".
CASELESS_FIELDS = ("name", "serial_number", "location")

#: The order of the other lists: newest first.
LATEST_ASSIGNMENTS = Ordering.by("-assigned_at")
LATEST_ENTRIES = Ordering.by("-id")


def _now_assigned_to(user_id: UUID) -> Exists:
    return Exists(Assignment.objects.filter(device=OuterRef("pk"), user_id=user_id, ended_at=None))


def devices_visible_to(user: KnownUser) -> QuerySet[Device]:
    """All devices for an administrator, the presently assigned ones for a client."""
    devices = Device.objects.filter(deleted_at=None)
    return devices if user.is_admin else devices.filter(_now_assigned_to(user.id))


def device_get(*, user: KnownUser, device_id: UUID) -> Device:
    """Raises NotFound for a device that does not exist or is not this user's."""
    device = devices_visible_to(user).filter(id=device_id).first()
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
) -> QuerySet[Device]:
    """Devices that this user may see, in no order."""
    devices = devices_visible_to(user)
    if status is not None:
        devices = devices.filter(status=status)
    if device_type is not None:
        devices = devices.filter(device_type=device_type)
    if assigned_to is not None:
        # A client learns nothing about who else has their device.
        if not user.is_admin and assigned_to != user.id:
            return devices.none()
        devices = devices.filter(_now_assigned_to(assigned_to))
    for word in search.split():
        found = Q()
        for field in SEARCHED_FIELDS:
            found |= Q(**{f"{field}__icontains": word})
        devices = devices.filter(found)
    return devices


def assignment_list(
    *, user: KnownUser, device: Device, history: bool = False
) -> QuerySet[Assignment]:
    """Who has the device, with `history` also who had it; a client sees their own only."""
    assignments = Assignment.objects.filter(device=device)
    if not user.is_admin:
        assignments = assignments.filter(user_id=user.id)
    if not history:
        assignments = assignments.filter(ended_at=None)
    return with_username(assignments)


def with_username(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Each assignment with `username`: "" for a deleted account."""
    names = KnownUser.objects.filter(id=OuterRef("user_id")).values("username")
    return assignments.annotate(username=Subquery(names))


def log_list(
    *,
    device_id: UUID | None = None,
    actor_id: UUID | None = None,
    action: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[LogEntry]:
    """Log entries, those of deleted devices too; `start` inclusive, `end` exclusive."""
    wanted = {
        "device_id": device_id,
        "actor_id": actor_id,
        "action": action,
        "occurred_at__gte": start,
        "occurred_at__lt": end,
    }
    return LogEntry.objects.filter(**{k: v for k, v in wanted.items() if v is not None})


def device_was_known(device_id: UUID) -> bool:
    """Whether there is, or was, a device of that id."""
    return Device.objects.filter(id=device_id).exists()
