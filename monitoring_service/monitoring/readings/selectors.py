"""Reads of raw readings and of those that were removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from monitoring.models import Device, Reading, RemovedReading


def readings_between(device: Device, begin: datetime, end: datetime) -> QuerySet[Reading]:
    """Raw readings that began in [begin, end)."""
    return Reading.objects.filter(device_key=device.key, started_at__gte=begin, started_at__lt=end)


def readings_removed(device_id: UUID | None) -> QuerySet[RemovedReading]:
    """Return the readings that were removed, of all devices or of one, deleted ones too."""
    removed = RemovedReading.objects.all()
    if device_id is None:
        return removed
    return removed.filter(device_key__in=Device.objects.filter(device_id=device_id).values("key"))
