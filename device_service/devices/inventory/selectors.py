"""Lists of devices."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from devices.access.selectors import devices_visible, is_assigned_to
from devices.models import Device
from service_kit.access.permissions import Permission, has_permission
from service_kit.api.ordering import Ordering
from service_kit.api.search import rows_matching
from service_kit.identity.models import KnownUser

#: Fields of a device that `search` looks through.
SEARCHED_FIELDS = ("name", "serial_number", "description", "manufacturer", "model", "location")

#: Fields in whose order the case of letters does not count: "beta" is between "Alpha" and "Gamma".
CASELESS_FIELDS = ("name", "serial_number", "location")

DEVICES_BY_NAME = Ordering.by("name", caseless=CASELESS_FIELDS)


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
        devices = devices.filter(is_assigned_to(assigned_to))
        # A client must not learn which other users have the client's devices.
        if assigned_to != user.id and not has_permission(user, Permission.READ_ALL_DEVICES):
            devices = devices.none()
    return ordering.sort(rows_matching(devices, search, fields=SEARCHED_FIELDS))
