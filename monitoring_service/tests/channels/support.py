"""Devices with several channels, and their readings."""

from __future__ import annotations

from uuid import UUID

from energy_contracts.events import Channel
from monitoring.devices.channels import every_channel
from monitoring.models import Device, Hour
from monitoring.sync.services import device_apply

from ..conftest import NOON, device_data
from ..ingest.batches import message

MAIN = Channel(code="main")
EXPORT = Channel(code="export", name="Roof", flow="exported")
GAS = Channel(code="gas", quantity="gas")


def have_channels(device_id: UUID, *channels: Channel, version: int = 2, **changes: object) -> None:
    """Give the device these channels, by an event of its owner."""
    data = device_data(device_id, channels=channels, **changes)
    device_apply(data=data, version=version, occurred_at=NOON)


def reading(
    device_id: UUID, channel: str, minutes: int, value: float, revision: int | None = None
) -> dict:
    return {**message(device_id, minutes, value, revision), "channel": channel}


def hours_by_channel(device_id: UUID) -> dict[str, dict[int, tuple[int | None, int]]]:
    """Return (milliwatt-hours, readings) by code and by hours after noon."""
    device = Device.objects.get(device_id=device_id)
    return {
        channel.code: {
            (hour.start - NOON).total_seconds() // 3600: (hour.energy_milliwh, hour.reading_count)
            for hour in Hour.objects.filter(device_key=channel.key)
        }
        for channel in every_channel([device])
    }
