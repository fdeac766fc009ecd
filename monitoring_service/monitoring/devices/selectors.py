"""Reads of the copied devices, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.db.models import Q, QuerySet

from monitoring.models import Device


def devices_matching(devices: QuerySet[Device], search: str) -> QuerySet[Device]:
    """Those with the text in name or description, or whose id it is; all for an empty one."""
    if not search:
        return devices
    found = Q(name__icontains=search) | Q(description__icontains=search)
    with suppress(ValueError):
        found |= Q(device_id=UUID(search))
    return devices.filter(found)


def devices_by_key(keys: Iterable[int]) -> dict[int, Device]:
    """Devices of a page of rows that name them by key."""
    return Device.objects.in_bulk(list(keys))


def devices_unclaimed() -> QuerySet[Device]:
    """Devices that send but are not registered."""
    return Device.objects.filter(registered=False, deleted=False)
