"""Which user may see which device, decided here alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound

from monitoring.models import Assignment, Device
from service_kit.authentication import Principal
from service_kit.identity.models import KnownUser
from service_kit.permissions import Permission, RoleHolder, has_permission


def sees_every_device(user: RoleHolder) -> bool:
    """Return whether the user sees all registered devices, without an assignment."""
    return has_permission(user, Permission.READ_ALL_READINGS)


def devices_visible(user: Principal) -> QuerySet[Device]:
    """Return the registered devices that the user may see: all, or the assigned ones."""
    devices = Device.objects.filter(registered=True, deleted=False)
    if sees_every_device(user):
        return devices
    assigned = Assignment.objects.filter(user_id=user.id, active=True).values("device_id")
    return devices.filter(device_id__in=assigned)


@dataclass(frozen=True, slots=True)
class AccessSnapshot:
    """What is known of some users and devices: who is still there, who sees what."""

    users: dict[UUID, KnownUser]
    present: set[UUID]
    assigned: set[tuple[UUID, UUID]]

    def visible(self, user: KnownUser, device_ids: Iterable[UUID]) -> set[UUID]:
        """Those of `device_ids` that the user may see."""
        present = self.present.intersection(device_ids)
        if sees_every_device(user):
            return present
        return {device_id for device_id in present if (user.id, device_id) in self.assigned}


def access_snapshot(user_ids: Iterable[UUID], device_ids: Iterable[UUID]) -> AccessSnapshot:
    """What holds now for many sockets at once, in three queries."""
    wanted, devices = list(user_ids), list(device_ids)
    users = KnownUser.objects.filter(id__in=wanted, deleted=False)
    present = Device.objects.filter(device_id__in=devices, registered=True, deleted=False)
    pairs = Assignment.objects.filter(user_id__in=wanted, device_id__in=devices, active=True)
    return AccessSnapshot(
        {user.id: user for user in users},
        set(present.values_list("device_id", flat=True)),
        set(pairs.values_list("user_id", "device_id")),
    )


@dataclass(frozen=True, slots=True)
class AlertRecipients:
    """A device's name and zone, and the clients who see it."""

    name: str
    timezone: str
    user_ids: list[UUID]


def alert_recipients(device_ids: Iterable[UUID]) -> dict[UUID, AlertRecipients]:
    """Who hears of these devices; devices that nobody is shown are left out."""
    present = Device.objects.filter(device_id__in=list(device_ids), registered=True, deleted=False)
    found = {
        device_id: AlertRecipients(name, timezone, [])
        for device_id, name, timezone in present.values_list("device_id", "name", "timezone")
    }
    pairs = Assignment.objects.filter(device_id__in=list(found), active=True)
    for device_id, user_id in pairs.values_list("device_id", "user_id"):
        found[device_id].user_ids.append(user_id)
    return found


def visible_device_ids(user: Principal, device_ids: Iterable[UUID]) -> set[UUID]:
    """Those of `device_ids` that the user may see."""
    found = devices_visible(user).filter(device_id__in=list(device_ids))
    return set(found.values_list("device_id", flat=True))


def device_get(*, user: Principal, device_id: UUID) -> Device:
    """Return the device. Raises NotFound if it does not exist or the user may not see it."""
    device = devices_visible(user).filter(device_id=device_id).first()
    if device is None:
        raise NotFound
    return device
