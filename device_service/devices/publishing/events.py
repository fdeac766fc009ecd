"""The events that device_service publishes about devices and assignments."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from django.conf import settings

from devices.models import Assignment, Channel, Device, Meter
from energy_contracts.events import (
    AssignmentData,
    DeletedData,
    DeviceData,
    MountedMeter,
    SyncEvent,
    new_event,
)
from energy_contracts.events import Channel as ChannelData


def json_number(value: Decimal | None) -> float | None:
    """Return a stored decimal as a JSON number; up to 15 significant digits stay exact."""
    return None if value is None else float(value)


#: Related rows that an event of a device holds: prefetch them for many devices.
PUBLISHED_RELATIONS = ("channels", "replacements")


def device_saved(
    device: Device, event_type: Literal["device_created", "device_updated"]
) -> SyncEvent[Any]:
    """Return an event with the whole present state of the device."""
    return new_event(
        event_type,
        version=device.version,
        source=settings.SERVICE_NAME,
        data=DeviceData(
            id=device.id,
            name=device.name,
            description=device.description,
            device_type=device.device_type,
            status=device.status,
            max_consumption=json_number(device.max_consumption),
            timezone=device.timezone,
            interval_seconds=device.interval_seconds,
            reading_kind="cumulative" if device.reading_kind == "cumulative" else "interval",
            register_digits=device.register_digits,
            max_power_kw=json_number(device.max_power_kw),
            retired_at=device.retired_at,
            channels=tuple(_channel(channel) for channel in device.all_channels()),
            meters=tuple(_meter(meter) for meter in device.all_meters()),
        ),
    )


def _channel(channel: Channel) -> ChannelData:
    return ChannelData(
        code=channel.code,
        name=channel.name,
        quantity=channel.quantity,  # type: ignore[arg-type]  # one of the column's choices
        flow=channel.flow,  # type: ignore[arg-type]
        reading_kind="cumulative" if channel.reading_kind == "cumulative" else "interval",
        interval_seconds=channel.interval_seconds or channel.device.interval_seconds,
        register_digits=channel.register_digits,
        register_wraps_at=channel.register_wraps_at,
        max_power=json_number(channel.max_power),
        negative_channel=channel.negative_channel,
    )


def _meter(meter: Meter) -> MountedMeter:
    return MountedMeter(
        id=meter.id,
        serial_number=meter.serial_number,
        mounted_at=meter.mounted_at,
        removed_at=meter.removed_at,
        opening=_registers(meter.opening),
        closing=_registers(meter.closing),
        register_digits=meter.register_digits,
        multiplier=Decimal(meter.multiplier),
    )


def _registers(values: Mapping[str, float]) -> dict[str, Decimal]:
    """Return stored JSON numbers as the decimals that they are written as."""
    return {code: Decimal(str(value)) for code, value in values.items()}


def device_deleted(device: Device) -> SyncEvent[Any]:
    """Return the event of a deleted device.

    Its version is the highest of the device, so that a late update does not restore the device.
    """
    return new_event(
        "device_deleted",
        version=device.version,
        source=settings.SERVICE_NAME,
        data=DeletedData(id=device.id),
    )


def device_state(device: Device) -> SyncEvent[Any]:
    """Return the event that describes the present state of a device, which may be deleted."""
    if device.deleted_at is not None:
        return device_deleted(device)
    return device_saved(device, "device_updated")


def assignment_state(assignment: Assignment) -> SyncEvent[Any]:
    """Return the event of the pair's latest period: whether the user still has the device."""
    return new_event(
        "device_assigned" if assignment.ended_at is None else "device_unassigned",
        version=assignment.version,
        source=settings.SERVICE_NAME,
        data=AssignmentData(device_id=assignment.device_id, user_id=assignment.user_id),
    )
