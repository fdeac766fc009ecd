"""Channels of devices as reads see them.

The row of a device is its channel `main`; the others are rows of `Channel`. Readings, hours, spans
and alerts name their channel by its key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import unit_of
from monitoring.models import READING_KINDS, Channel, Device


@dataclass(frozen=True, slots=True)
class DeviceChannel:
    """A channel of a device, with the data on which reads of its hours and readings depend."""

    device: Device
    key: int
    code: str
    name: str
    quantity: str
    flow: str
    reading_kind: str
    interval_seconds: int
    #: The largest plausible energy, or volume, of an hour; None: unknown.
    max_power: float | None

    @property
    def device_id(self) -> UUID:
        """Return the id of the device."""
        return self.device.device_id

    @property
    def timezone(self) -> str:
        """Return the zone in which hours are counted, the same for all channels of a device."""
        return self.device.timezone

    @property
    def unit(self) -> str:
        """Return the unit of its readings and sums: kWh or m³."""
        return unit_of(self.quantity)

    @property
    def kind_is_known(self) -> bool:
        """Return whether this release knows how the channel's readings become energy."""
        return self.reading_kind in READING_KINDS


def main_channel(device: Device) -> DeviceChannel:
    """Return the channel that the row of the device is."""
    return DeviceChannel(
        device=device,
        key=device.key,
        code=MAIN_CHANNEL,
        name=device.channel_name,
        quantity=device.quantity,
        flow=device.flow,
        reading_kind=device.reading_kind,
        interval_seconds=device.interval_seconds,
        max_power=device.max_power_kw,
    )


def channel_of(device: Device, row: Channel) -> DeviceChannel:
    """Return a channel other than `main`."""
    return DeviceChannel(
        device=device,
        key=row.key,
        code=row.code,
        name=row.name,
        quantity=row.quantity,
        flow=row.flow,
        reading_kind=row.reading_kind,
        interval_seconds=row.interval_seconds or device.interval_seconds,
        max_power=row.max_power,
    )


def present_channels() -> QuerySet[Channel]:
    """Return the channels that their devices have now.

    A channel that was removed, or is known from its readings alone, is visible to nobody.
    """
    return Channel.objects.filter(version__gt=0, removed=False)


def unregistered_channels() -> QuerySet[Channel]:
    """Return the channels of registered devices that are known from their readings alone."""
    devices = Device.objects.filter(registered=True, deleted=False)
    return Channel.objects.filter(version=0, device_id__in=devices.values("device_id"))


def channels_by_device(
    devices: Sequence[Device], rows: QuerySet[Channel] | None = None
) -> dict[UUID, list[DeviceChannel]]:
    """Return the channels of each device, `main` first, the others by code.

    `rows`: the channels to choose from, without it the present ones.
    """
    chosen = present_channels() if rows is None else rows
    by_device: defaultdict[UUID, list[Channel]] = defaultdict(list)
    for row in chosen.filter(device_id__in=[device.device_id for device in devices]):
        by_device[row.device_id].append(row)
    return {
        device.device_id: [
            main_channel(device),
            *(
                channel_of(device, row)
                for row in sorted(by_device[device.device_id], key=lambda row: row.code)
            ),
        ]
        for device in devices
    }


def every_channel(devices: Sequence[Device]) -> list[DeviceChannel]:
    """Return all channels of the devices, also removed ones and those known from readings alone."""
    channels = channels_by_device(devices, Channel.objects.all())
    return [channel for device in devices for channel in channels[device.device_id]]


def keys_among(devices: QuerySet[Device], channels: QuerySet[Channel], code: str | None) -> Q:
    """Return the condition on rows that their key is of these devices or other channels.

    `code`: only of the channels with this code.
    """
    of_main = Q(device_key__in=devices.values("key"))
    if code == MAIN_CHANNEL:
        return of_main
    if code is not None:
        return Q(device_key__in=channels.filter(code=code).values("key"))
    return of_main | Q(device_key__in=channels.values("key"))


def channels_by_key(keys: Iterable[int]) -> dict[int, DeviceChannel]:
    """Return the channels that a page of rows refers to, by key."""
    remaining = set(keys)
    channels = {
        key: main_channel(device) for key, device in Device.objects.in_bulk(list(remaining)).items()
    }
    rows = Channel.objects.filter(key__in=remaining - channels.keys())
    if not rows:
        return channels
    devices = {
        device.device_id: device
        for device in Device.objects.filter(device_id__in=[row.device_id for row in rows])
    }
    return channels | {row.key: channel_of(devices[row.device_id], row) for row in rows}
