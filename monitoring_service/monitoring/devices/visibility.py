"""The rule that decides which user may see which device; no other module decides it.

A user sees the devices that are assigned to them, or every device if their role has the permission
to read all readings. No user sees a device that is unregistered or deleted. Selectors call
`devices_visible`, sockets use an `AccessSnapshot`; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound

from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import unit_of
from monitoring.devices.channels import (
    DeviceChannel,
    channels_by_device,
    main_channel,
    present_channels,
)
from monitoring.models import Assignment, Channel, Device
from service_kit.access.authentication import Principal
from service_kit.access.permissions import Permission, RoleHolder, has_permission
from service_kit.api.errors import PartNotFound
from service_kit.identity.models import KnownUser


def sees_every_device(user: RoleHolder) -> bool:
    """Return whether the user sees all registered devices, without an assignment."""
    return has_permission(user, Permission.READ_ALL_READINGS)


def registered_devices() -> QuerySet[Device]:
    """Return the devices that any user may see: registered and not deleted."""
    return Device.objects.filter(registered=True, deleted=False)


def active_assignments() -> QuerySet[Assignment]:
    """Return the pairs of a user and a device that the user may see."""
    return Assignment.objects.filter(active=True)


def devices_visible(user: Principal) -> QuerySet[Device]:
    """Return the registered devices that the user may see: all, or the assigned ones."""
    devices = registered_devices()
    if sees_every_device(user):
        return devices
    return devices.filter(device_id__in=devices_of_user(user.id))


def devices_of_user(user_id: UUID) -> QuerySet[Assignment, Any]:
    """Return the ids of the devices that are assigned to the user now, as a subquery."""
    return active_assignments().filter(user_id=user_id).values("device_id")


def visible_device_ids(user: Principal, device_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the devices that the user may see."""
    visible = devices_visible(user).filter(device_id__in=list(device_ids))
    return set(visible.values_list("device_id", flat=True))


def device_get(*, user: Principal, device_id: UUID) -> Device:
    """Return the device. Raises NotFound if it does not exist or the user may not see it."""
    device = devices_visible(user).filter(device_id=device_id).first()
    if device is None:
        raise NotFound
    return device


def channel_get(*, user: Principal, device_id: UUID, code: str) -> DeviceChannel:
    """Return a channel of a device.

    Raises NotFound if the device does not exist or the user may not see it, and PartNotFound with
    the codes of its channels if it has no such channel.
    """
    if code == MAIN_CHANNEL:
        return main_channel(device_get(user=user, device_id=device_id))
    channels = {channel.code: channel for channel in channels_get(user=user, device_id=device_id)}
    if code not in channels:
        codes = ", ".join(channels)
        detail = f"channel: the device has no channel {code!r}. Give one of: {codes}."
        raise PartNotFound(detail, code="unknown_channel")
    return channels[code]


def channels_get(*, user: Principal, device_id: UUID) -> list[DeviceChannel]:
    """Return the channels of a device, `main` first.

    Raises NotFound if the device does not exist or the user may not see it.
    """
    device = device_get(user=user, device_id=device_id)
    return channels_by_device([device])[device_id]


def channels_visible(user: Principal) -> QuerySet[Channel]:
    """Return the channels other than `main` of the devices that the user may see."""
    return present_channels().filter(device_id__in=devices_visible(user).values("device_id"))


@dataclass(frozen=True, slots=True)
class AccessSnapshot:
    """The rights of many users to many devices at an instant: `devices_visible` without queries."""

    users: dict[UUID, KnownUser]
    devices: set[UUID]
    assigned: set[tuple[UUID, UUID]]

    def visible(self, user: KnownUser, device_ids: Iterable[UUID]) -> set[UUID]:
        """Return those of the devices that the user may see."""
        devices = self.devices.intersection(device_ids)
        if sees_every_device(user):
            return devices
        return {device_id for device_id in devices if (user.id, device_id) in self.assigned}


def access_snapshot(user_ids: Iterable[UUID], device_ids: Iterable[UUID]) -> AccessSnapshot:
    """Return the rights of these users to these devices, read in three queries.

    Deleted users are not in the snapshot.
    """
    user_ids, device_ids = list(user_ids), list(device_ids)
    users = KnownUser.objects.filter(id__in=user_ids, deleted=False)
    devices = registered_devices().filter(device_id__in=device_ids)
    pairs = active_assignments().filter(user_id__in=user_ids, device_id__in=device_ids)
    return AccessSnapshot(
        {user.id: user for user in users},
        set(devices.values_list("device_id", flat=True)),
        set(pairs.values_list("user_id", "device_id")),
    )


@dataclass(frozen=True, slots=True)
class AlertRecipients:
    """A device's name, zone and unit, and the users to whom it is assigned."""

    name: str
    timezone: str
    unit: str
    user_ids: list[UUID]


def alert_recipients(device_ids: Iterable[UUID]) -> dict[UUID, AlertRecipients]:
    """Return by device the users who receive its alerts by an assignment.

    Devices that no user may see are left out. Users who see every device are added by the live
    processes, which know who is connected.
    """
    devices = registered_devices().filter(device_id__in=list(device_ids))
    recipients = {
        device_id: AlertRecipients(name, timezone, unit_of(quantity), [])
        for device_id, name, timezone, quantity in devices.values_list(
            "device_id", "name", "timezone", "quantity"
        )
    }
    pairs = active_assignments().filter(device_id__in=list(recipients))
    for device_id, user_id in pairs.values_list("device_id", "user_id"):
        recipients[device_id].user_ids.append(user_id)
    return recipients
