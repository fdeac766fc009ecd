"""Reads of raw readings and of those that were removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from monitoring.models import Device, Reading, RemovedReading
from service_kit.api.ordering import Ordering

#: No two readings of one device begin at one instant.
OLDEST_READINGS = Ordering.by("started_at", is_unique=True)

LATEST_REMOVALS = Ordering.by("-id", is_unique=True)


def reading_list(*, device: Device, start: datetime, end: datetime) -> QuerySet[Reading]:
    """Return the raw readings that began in [start, end), the oldest first."""
    readings = Reading.objects.filter(
        device_key=device.key, started_at__gte=start, started_at__lt=end
    )
    return OLDEST_READINGS.sort(readings)


def removed_reading_list(*, device_id: UUID | None = None) -> QuerySet[RemovedReading]:
    """Return the removed readings of all devices or of one, the latest removal first.

    Readings of deleted devices are included.
    """
    removed = RemovedReading.objects.all()
    if device_id is not None:
        devices = Device.objects.filter(device_id=device_id)
        removed = removed.filter(device_key__in=devices.values("key"))
    return LATEST_REMOVALS.sort(removed)
