"""The devices that a user may see, and the lock under which a device changes."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from rest_framework.exceptions import NotFound

from devices.models import Assignment, Device
from service_kit.access.permissions import Permission, has_permission
from service_kit.identity.models import KnownUser


def devices_visible(*, user: KnownUser) -> QuerySet[Device]:
    """Return the devices that the user may see: all, or those assigned to the user now."""
    devices = Device.objects.filter(deleted_at=None)
    if has_permission(user, Permission.READ_ALL_DEVICES):
        return devices
    return devices.filter(is_assigned_to(user.id))


def device_get(*, user: KnownUser, device_id: UUID) -> Device:
    """Return the device. Raises NotFound for a device that the user may not see."""
    device = devices_visible(user=user).filter(id=device_id).first()
    if device is None:
        raise NotFound
    return device


def device_is_known(*, device_id: UUID) -> bool:
    """Return whether a device of that id exists or was deleted."""
    return Device.objects.filter(id=device_id).exists()


def is_assigned_to(user_id: UUID) -> Exists:
    """Return the condition of a query that the user has the device now."""
    return Exists(Assignment.objects.filter(device=OuterRef("pk"), user_id=user_id, ended_at=None))


def device_locked(device_id: UUID) -> Device:
    """Return the device, locked until the end of the transaction. Raises NotFound.

    Requires: a transaction.
    """
    device = Device.objects.select_for_update().filter(id=device_id, deleted_at=None).first()
    if device is None:
        raise NotFound
    return device
