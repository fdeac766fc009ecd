"""Copy the channels and the meters of a device from its event.

An event of a former release has neither. It leaves the copies as they are, because its sender does
not know whether they changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from energy_contracts.events import MountedMeter, ReceivedChannel, ReceivedDeviceData
from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import exact_milliwh
from monitoring.models import Channel, Device, Meter, Mount

#: Fields of a mount that an event carries.
_MOUNT_FIELDS = (
    "meter_key",
    "mounted_at",
    "removed_at",
    "opening",
    "closing",
    "register_digits",
    "multiplier",
)


def parts_apply(device: Device, data: ReceivedDeviceData, version: int) -> None:
    """Copy channels and meters of an event that is newer than the copies; set fields of `main`.

    The caller saves the device. Requires: `lock_devices_exclusive`.
    """
    if data.channels:
        channels = {channel.code: channel for channel in data.channels}
        main = channels.pop(MAIN_CHANNEL, None)
        if main is not None:
            device.channel_name = main.name
            device.quantity = main.quantity
            device.flow = main.flow
            device.register_wraps_at_milliwh = _wraps_at(main)
            device.negative_channel = main.negative_channel
        _channels_apply(device.device_id, channels, version)
    if data.meters:
        _mounts_apply(device.device_id, {meter.id: meter for meter in data.meters})
    if data.channels or data.meters:
        device.parts_version = version


def removed_channels_note(device: Device, data: ReceivedDeviceData, version: int) -> None:
    """Copy from an outdated event the channels that the device does not have any more.

    Requires: `lock_devices_exclusive`.
    """
    stored = {
        channel.code: channel for channel in Channel.objects.filter(device_id=device.device_id)
    }
    for sent in data.channels:
        channel = stored.get(sent.code) or Channel(device_id=device.device_id, code=sent.code)
        if sent.code != MAIN_CHANNEL and channel.version < version:
            _channel_save(channel, sent, version, removed=True)


def _channels_apply(device_id: UUID, channels: Mapping[str, ReceivedChannel], version: int) -> None:
    """Make the rows of the channels equal to those of the event; mark the others as removed."""
    stored = {channel.code: channel for channel in Channel.objects.filter(device_id=device_id)}
    for code, sent in channels.items():
        channel = stored.pop(code, None) or Channel(device_id=device_id, code=code)
        _channel_save(channel, sent, version, removed=False)
    for channel in stored.values():
        # A channel that is known from its readings alone was never one of the owner's.
        if channel.version and not channel.removed:
            channel.removed = True
            channel.save()


def _channel_save(channel: Channel, sent: ReceivedChannel, version: int, *, removed: bool) -> None:
    channel.name = sent.name
    channel.quantity = sent.quantity
    channel.flow = sent.flow
    channel.reading_kind = sent.reading_kind
    channel.interval_seconds = sent.interval_seconds
    channel.register_digits = sent.register_digits
    channel.register_wraps_at_milliwh = _wraps_at(sent)
    channel.max_power = sent.max_power
    channel.negative_channel = sent.negative_channel
    channel.removed = removed
    channel.version = version
    channel.save()


def _wraps_at(channel: ReceivedChannel) -> int | None:
    wraps_at = channel.register_wraps_at
    return None if wraps_at is None else exact_milliwh(wraps_at)


def _mounts_apply(device_id: UUID, meters: Mapping[UUID, MountedMeter]) -> None:
    """Make the rows of the mounts equal to those of the event."""
    keys = _meter_keys(device_id, {meter.serial_number for meter in meters.values()})
    stored = {mount.id: mount for mount in Mount.objects.filter(device_id=device_id)}
    for meter_id, meter in meters.items():
        mount = Mount(
            device_id=device_id,
            id=meter_id,
            meter_key=keys[meter.serial_number],
            mounted_at=meter.mounted_at,
            removed_at=meter.removed_at,
            opening=_milliwh_by_channel(meter.opening),
            closing=_milliwh_by_channel(meter.closing),
            register_digits=meter.register_digits,
            multiplier=meter.multiplier,
        )
        before = stored.pop(meter_id, None)
        if before is None:
            mount.save(force_insert=True)
        elif any(getattr(before, field) != getattr(mount, field) for field in _MOUNT_FIELDS):
            mount.save(force_update=True)
    if stored:
        Mount.objects.filter(device_id=device_id, id__in=list(stored)).delete()


def _meter_keys(device_id: UUID, serial_numbers: set[str]) -> dict[str, int]:
    """Return the keys of the serial numbers, with rows for those that had none."""
    Meter.objects.bulk_create(
        (Meter(device_id=device_id, serial_number=number) for number in sorted(serial_numbers)),
        ignore_conflicts=True,
    )
    rows = Meter.objects.filter(device_id=device_id, serial_number__in=serial_numbers)
    return dict(rows.values_list("serial_number", "key"))


def _milliwh_by_channel(registers: Mapping[str, Decimal]) -> dict[str, int]:
    return {code: exact_milliwh(value) for code, value in registers.items()}
