"""Reads of raw readings and of those that were removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from monitoring.devices.channels import DeviceChannel, keys_among
from monitoring.models import Channel, Device, Reading, RemovedReading
from service_kit.api.ordering import Ordering

#: No two readings of one channel begin at one instant.
OLDEST_READINGS = Ordering.by("started_at", is_unique=True)

LATEST_REMOVALS = Ordering.by("-id", is_unique=True)


def reading_list(*, channel: DeviceChannel, start: datetime, end: datetime) -> QuerySet[Reading]:
    """Return the raw readings that began in [start, end), the oldest first."""
    readings = Reading.objects.filter(
        device_key=channel.key, started_at__gte=start, started_at__lt=end
    )
    return OLDEST_READINGS.sort(readings)


def removed_reading_list(
    *, device_id: UUID | None = None, channel: str | None = None
) -> QuerySet[RemovedReading]:
    """Return the removed readings of all devices or of one, the latest removal first.

    `channel`: those of the channels with this code alone. Readings of deleted devices and of
    removed channels are included.
    """
    removed = RemovedReading.objects.all()
    if device_id is not None or channel is not None:
        device = {} if device_id is None else {"device_id": device_id}
        devices, channels = Device.objects.filter(**device), Channel.objects.filter(**device)
        removed = removed.filter(keys_among(devices, channels, channel))
    return LATEST_REMOVALS.sort(removed)
