"""Lists of devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from devices.access.selectors import devices_visible, is_assigned_to
from devices.models import Device, MeterReplacement
from service_kit.access.permissions import Permission, has_permission
from service_kit.api.errors import Conflict
from service_kit.api.ordering import Ordering
from service_kit.api.search import rows_matching
from service_kit.identity.models import KnownUser

#: Devices of one action on many; an import has as many rows.
MAX_SELECTED = 10_000

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
    id: list[UUID] | None = None,
    ordering: Ordering = DEVICES_BY_NAME,
) -> QuerySet[Device]:
    """Return the visible devices that match all of the filters, in the given order."""
    devices = devices_visible(user=user)
    if id is not None:
        devices = devices.filter(id__in=id)
    if status is not None:
        devices = devices.filter(status=status)
    if device_type is not None:
        devices = devices.filter(device_type=device_type)
    if assigned_to is not None:
        devices = devices.filter(is_assigned_to(assigned_to))
        # A client must not learn which other users have the client's devices.
        if assigned_to != user.id and not has_permission(user, Permission.READ_ALL_DEVICES):
            devices = devices.none()
    devices = rows_matching(devices, search, fields=SEARCHED_FIELDS, elsewhere=_had_meter)
    return ordering.sort(devices)


def _had_meter(word: str) -> Q:
    """Return the condition of devices with a former meter whose serial number has the word.

    PostgreSQL reads the replacements once for the list, not once for each device.
    """
    former = MeterReplacement.objects.filter(removed_serial_number__icontains=word)
    return Q(pk__in=former.values("device_id"))


def devices_selected(
    *,
    user: KnownUser,
    ids: list[UUID] | None = None,
    filter: dict[str, Any] | None = None,
    count: int | None = None,
) -> QuerySet[Device]:
    """Return the visible devices of these ids, or those that the filters of a list leave.

    Raises Conflict if they are more than `MAX_SELECTED`, or not `count` any more.
    """
    if ids is not None:
        return DEVICES_BY_NAME.sort(devices_visible(user=user).filter(id__in=ids))
    devices = device_list(user=user, **(filter or {}))
    number = devices.count()
    if count is not None and number != count:
        raise Conflict(
            f"The list showed {count} devices, now {number} match. Look at the list again.",
            code="list_changed",
            count=number,
        )
    if number > MAX_SELECTED:
        raise Conflict(
            f"{number} devices match, at most {MAX_SELECTED} are changed at once. Use filters.",
            code="too_many_devices",
            count=number,
        )
    return devices
