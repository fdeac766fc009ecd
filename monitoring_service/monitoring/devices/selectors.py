"""Reads of the copies of devices."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db.models import Q, QuerySet

from monitoring.devices.visibility import devices_of_user, devices_visible, sees_every_device
from monitoring.models import Device
from service_kit.access.authentication import Principal
from service_kit.api.ordering import Ordering

DEVICES_BY_NAME = Ordering.by("name")

LATEST_DEVICES = Ordering.by("-key")


def device_list(
    *,
    user: Principal,
    status: str | None = None,
    device_type: str | None = None,
    reading_kind: str | None = None,
    assigned_to: UUID | None = None,
    id: list[UUID] | None = None,
    search: str = "",
    ordering: Ordering = DEVICES_BY_NAME,
) -> QuerySet[Device]:
    """Return the devices that the user may see and that match all filters, in the given order."""
    filters = {"status": status, "device_type": device_type, "reading_kind": reading_kind}
    given = {name: value for name, value in filters.items() if value is not None}
    devices = devices_visible(user).filter(**given)
    if id is not None:
        devices = devices.filter(device_id__in=id)
    if assigned_to is not None:
        devices = devices.filter(device_id__in=devices_of_user(assigned_to))
        # A client must not learn which other users have the client's devices.
        if assigned_to != user.id and not sees_every_device(user):
            devices = devices.none()
    return ordering.sort(devices_matching(devices, search))


def devices_matching(devices: QuerySet[Device], search: str) -> QuerySet[Device]:
    """Return the devices whose name or description contains the text, or whose id is the text.

    An empty text matches all devices.
    """
    if not search:
        return devices
    matches = Q(name__icontains=search) | Q(description__icontains=search)
    with suppress(ValueError):
        matches |= Q(device_id=UUID(search))
    return devices.filter(matches)


def devices_unregistered() -> QuerySet[Device]:
    """Return the devices that send but are not registered, the latest first."""
    return LATEST_DEVICES.sort(Device.objects.filter(registered=False, deleted=False))
