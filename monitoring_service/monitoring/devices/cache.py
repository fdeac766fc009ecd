"""The cache of devices of one ingest process, never older than the batch in hand.

Every batch takes a shared lock and compares one number, the epoch. A change of a device that
matters to its hours takes the lock alone and raises the epoch (`monitoring.storage.epoch`). So a
batch is summed entirely before such a change or entirely after it, without reading each device's
row.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import MILLIWH_PER_KWH
from monitoring.calendar import clock
from monitoring.calendar.clock import HourOfQuarter
from monitoring.calendar.slots import LONGEST_DIVIDED_SECONDS, SLOT_SECONDS
from monitoring.devices.channels import DeviceChannel
from monitoring.devices.stored import StoredChannel, StoredDevice, StoredMount, stored_devices
from monitoring.models import READING_KINDS, Device
from monitoring.storage.closed_months import ClosedMonths, closed_months
from monitoring.storage.epoch import lock_devices_shared

#: A multiplier has six decimals at most.
MULTIPLIER_PARTS = 10**6

#: Channels of a device; device_service allows 50. A meter that sends other codes without end would
#: fill the table and the cache.
MAX_CHANNELS = 100

#: Devices kept in memory, some 1,000 bytes each.
MAX_DEVICES = 200_000


class CachedMount(NamedTuple):
    """The time (µs) of a meter at a device, as a channel needs it; values in milliwatt-hours.

    `begin_us` and `end_us` are None for the first and the present meter, `opening` and `closing` if
    they are unknown. `wraps_at`: where the register begins at 0 again; None: unknown.
    """

    meter_key: int
    begin_us: int | None
    end_us: int | None
    opening: int | None
    closing: int | None
    wraps_at: int | None
    multiplier: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class CachedDevice:
    """A channel of a device as ingest needs it: its key, and all on which its hours depend.

    The cache has the channel `main` of each device, the device itself: its `channels` are
    the others, by code. A channel other than `main` has neither channels nor limits.
    """

    key: int
    device_id: UUID
    code: str
    hours: HourOfQuarter
    deleted: bool
    cumulative: bool
    interval_us: int
    #: Whether each reading belongs to the slot in which it begins: an interval of at most a slot.
    by_slot: bool
    #: Whether each reading is a span: an interval of more than an hour.
    is_span: bool
    #: Where the register of a meter without digits of its own begins at 0 again; None: unknown.
    register_wraps_at: int | None
    max_power_kw: float | None
    #: The highest energy of one interval, or the highest value of the register; None: unknown.
    max_value_milliwh: int | None
    #: (begin in µs, limit in milliwatt-hours or None), by begin.
    limits: tuple[tuple[int, int | None], ...]
    #: By instant (µs) of each removed reading, the highest revision that is not stored again.
    removed: dict[int, int]
    #: Whether this release knows how its readings become energy.
    kind_is_known: bool
    #: Readings that begin then (µs) or later are rejected; None: it is not retired.
    retired_us: int | None
    #: Whether a reading may have to be rejected because of the device.
    guarded: bool
    #: Registers carried at borders of closed months: instant in µs, energy, since in µs or None,
    #: and the multiplier of the meter, which the energy includes.
    carried: tuple[tuple[int, int, int | None, Fraction], ...]
    #: (begin in µs, end in µs, register before, register after) of jumps that were accepted.
    accepted: tuple[tuple[int, int, int, int], ...]
    #: Code of the channel that takes the absolute value of negative readings.
    negative_channel: str | None
    #: Whether the channel left its device.
    channel_removed: bool
    channels: Mapping[str, CachedDevice]
    #: Key by serial number, of all meters that were mounted or named in readings.
    meters: Mapping[str, int]
    #: In the order of time; empty if the meters are unknown.
    mounts: tuple[CachedMount, ...]
    #: Whether the device has too many channels that nobody created; this one has no row then.
    is_excess: bool = False

    def limit_at(self, hour_us: int) -> int | None:
        """Return the limit in milliwatt-hours of the hour that begins then (µs), None for none."""
        if not self.limits:
            return None
        if len(self.limits) == 1:
            return self.limits[0][1]
        position = bisect_right(self.limits, hour_us, key=lambda limit: limit[0])
        return self.limits[max(position - 1, 0)][1]


_INSERT_UNREGISTERED = """
INSERT INTO device (device_id, registered, deleted, version, name, description,
    device_type, status, timezone, interval_seconds, reading_kind, first_seen_at)
SELECT device_id, false, false, 0, '', '', '', '', %s, 600, 'interval', now()
FROM unnest(%s::uuid[]) AS device_id
ON CONFLICT (device_id) DO NOTHING
"""


_INSERT_METERS = """
INSERT INTO meter (device_id, serial_number)
SELECT * FROM unnest(%s::uuid[], %s::text[])
ON CONFLICT (device_id, serial_number) DO NOTHING
"""

_INSERT_CHANNELS = """
INSERT INTO channel (device_id, code, name, quantity, flow, reading_kind, removed, version)
SELECT device_id, code, '', 'electricity', 'consumed', 'interval', false, 0
FROM unnest(%s::uuid[], %s::text[]) AS i (device_id, code)
ON CONFLICT (device_id, code) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class CacheState:
    """Devices by the integer of their id, and the closed months, as of one epoch."""

    epoch: int
    devices: dict[int, CachedDevice]
    closed: ClosedMonths


class DeviceCache:
    """Devices with their channels by the integer of their id, for one ingest process.

    An integer, because the hash of a UUID object is computed in Python, three times a reading.
    """

    def __init__(self) -> None:
        """Begin without devices, at an epoch that is outdated."""
        #: The state after the last refresh. It may be outdated; a batch that is planned by it is
        #: planned again if `refresh` returns another state.
        self.state = CacheState(0, {}, ClosedMonths(()))
        self._pending: dict[int, CachedDevice] = {}

    def refresh(self) -> CacheState:
        """Take the shared lock and return the state, which is valid until the transaction ends.

        Requires: a transaction.
        """
        epoch = lock_devices_shared()
        if epoch != self.state.epoch or len(self.state.devices) > MAX_DEVICES:
            self.state = CacheState(epoch, {}, closed_months())
        # A transaction that was rolled back may have inserted devices: they must not be remembered.
        self._pending = {}
        return self.state

    def resolve(self, device_ids: set[int]) -> dict[int, CachedDevice]:
        """Return at least these devices; insert a row for each that has none, as unregistered.

        Requires: the transaction of `refresh`.
        """
        devices = self.state.devices
        missing = device_ids - devices.keys()
        if not missing:
            return devices
        self._pending = _load(missing)
        # Sorted, so that two processes that insert the same devices do not deadlock.
        unknown = sorted(missing - self._pending.keys())
        if unknown:
            with connection.cursor() as cursor:
                ids = [str(UUID(int=device_id)) for device_id in unknown]
                cursor.execute(_INSERT_UNREGISTERED, [settings.DEVICE_TIME_ZONE, ids])
            self._pending |= _load(unknown)
        return devices | self._pending

    def resolve_meters(
        self, devices: dict[int, CachedDevice], named: set[tuple[int, str]]
    ) -> dict[int, CachedDevice]:
        """Return the devices with these serial numbers among their meters; insert unknown ones.

        `named`: the integer of a device's id, and the serial number that a reading of it names.

        Requires: the transaction of `refresh`.
        """
        # Sorted against deadlocks, as above.
        unknown = sorted(
            (device_id, number)
            for device_id, number in named
            if number not in devices[device_id].meters
        )
        if not unknown:
            return devices
        with connection.cursor() as cursor:
            ids = [str(UUID(int=device_id)) for device_id, _ in unknown]
            cursor.execute(_INSERT_METERS, [ids, [number for _, number in unknown]])
        self._pending |= _load({device_id for device_id, _ in unknown})
        return devices | self._pending

    def resolve_channels(
        self, devices: dict[int, CachedDevice], named: set[tuple[int, str]]
    ) -> dict[int, CachedDevice]:
        """Return the devices with these channels, given as (device, code).

        A row is inserted for a channel that has none; it is visible to nobody until an event
        creates the channel. Beyond `MAX_CHANNELS` of a device there is no row, and `is_excess`.

        Requires: the transaction of `refresh`.
        """
        new: defaultdict[int, list[str]] = defaultdict(list)
        # Sorted against deadlocks, as above.
        for device_id, code in sorted(named):
            if code != MAIN_CHANNEL and code not in devices[device_id].channels:
                new[device_id].append(code)
        if not new:
            return devices
        chosen = [
            (str(UUID(int=device_id)), code)
            for device_id, codes in new.items()
            for code in codes[: _room(devices[device_id])]
        ]
        if chosen:
            with connection.cursor() as cursor:
                ids, names = zip(*chosen, strict=True)
                cursor.execute(_INSERT_CHANNELS, [list(ids), list(names)])
        self._pending |= _load(new)
        resolved = devices | self._pending
        for device_id, codes in new.items():
            device = resolved[device_id]
            excess = {
                code: replace(device, code=code, is_excess=True, guarded=True)
                for code in codes
                if code not in device.channels
            }
            if excess:
                resolved[device_id] = replace(device, channels={**device.channels, **excess})
        return resolved

    def commit(self) -> None:
        """Add the devices that the committed transaction loaded and inserted to the cache."""
        self.state.devices.update(self._pending)
        self._pending = {}


def _room(device: CachedDevice) -> int:
    """Return how many channels that nobody created the device may have more."""
    return 0 if device.deleted else max(0, MAX_CHANNELS - len(device.channels))


def cached_channel(channel: DeviceChannel) -> CachedDevice:
    """Return the channel as ingest sees it, for work outside of a batch."""
    main = cached_device(channel.device)
    return main if channel.code == MAIN_CHANNEL else main.channels[channel.code]


def cached_device(device: Device) -> CachedDevice:
    """Return the device as ingest sees it, for work outside of a batch."""
    return _load([device.device_id.int])[device.device_id.int]


def cached_channels(channels: Sequence[tuple[UUID, str]]) -> list[CachedDevice]:
    """Return stored channels, given by device and code, as ingest sees them, in their order."""
    devices = _load({device_id.int for device_id, _ in channels})
    return [
        device if code == MAIN_CHANNEL else device.channels[code]
        for device, code in ((devices[device_id.int], code) for device_id, code in channels)
    ]


def _load(device_ids: Iterable[int]) -> dict[int, CachedDevice]:
    return {device.device_id.int: _cached(device) for device in stored_devices(device_ids)}


def _cached(device: StoredDevice) -> CachedDevice:
    """Return the channel `main` of a device, with the others in its `channels`."""
    without_limits = device._replace(limits=[])
    channels = {
        channel.code: _cached_channel(without_limits, channel, {})
        for channel in device.parts.channels
    }
    return _cached_channel(device, device.main, channels)


def _cached_channel(
    device: StoredDevice, channel: StoredChannel, channels: Mapping[str, CachedDevice]
) -> CachedDevice:
    cumulative = channel.reading_kind == "cumulative"
    kind_is_known = channel.reading_kind in READING_KINDS
    interval_seconds = channel.interval_seconds or device.main.interval_seconds or 0
    wraps_at = channel.register_wraps_at
    if channel.register_digits is not None:
        wraps_at = _end_of_register(channel.register_digits)
    mounts = tuple(_cached_mount(mount, channel, wraps_at) for mount in device.parts.mounts)
    max_value = None
    if cumulative:
        # A late register of a former meter may have more digits than the present one.
        ends = [wraps_at, *(mount.wraps_at for mount in mounts)]
        known = [end for end in ends if end is not None]
        max_value = max(known) - 1 if len(known) == len(ends) else None
    elif channel.max_power is not None:
        hours = interval_seconds / clock.HOUR_SECONDS
        max_value = round(channel.max_power * hours * MILLIWH_PER_KWH)
    negative_channel = channel.negative_channel
    if negative_channel not in {MAIN_CHANNEL, *(each.code for each in device.parts.channels)}:
        negative_channel = None
    return CachedDevice(
        key=channel.key,
        device_id=device.device_id,
        code=channel.code,
        hours=clock.hours_of_quarters(device.timezone),
        deleted=device.deleted,
        cumulative=cumulative,
        interval_us=interval_seconds * 1_000_000,
        by_slot=not cumulative and interval_seconds <= SLOT_SECONDS,
        is_span=not cumulative and interval_seconds > LONGEST_DIVIDED_SECONDS,
        register_wraps_at=wraps_at,
        max_power_kw=channel.max_power,
        max_value_milliwh=max_value,
        limits=tuple(
            (seconds * 1_000_000, None if limit < 0 else limit) for seconds, limit in device.limits
        ),
        kind_is_known=kind_is_known,
        retired_us=None if device.retired_at is None else clock.to_us(device.retired_at),
        removed=dict(channel.removed_readings),
        guarded=device.deleted
        or negative_channel is not None
        or bool(channel.removed_readings)
        or device.retired_at is not None
        or max_value is not None
        or not kind_is_known,
        carried=tuple(
            (
                at_us,
                value,
                None if since_us < 0 else since_us,
                Fraction(millionths, MULTIPLIER_PARTS),
            )
            for at_us, value, since_us, millionths in channel.carried
        ),
        accepted=tuple(
            (begin_us, end_us, before, after)
            for begin_us, end_us, before, after in channel.accepted
        ),
        negative_channel=negative_channel,
        channel_removed=channel.removed,
        channels=channels,
        meters=device.parts.meters,
        mounts=mounts,
    )


def _cached_mount(mount: StoredMount, channel: StoredChannel, wraps_at: int | None) -> CachedMount:
    """Return the mount with the registers of a channel; its digits are those of `main`."""
    if channel.code == MAIN_CHANNEL:
        wraps_at = channel.register_wraps_at
        if mount.register_digits is not None:
            wraps_at = _end_of_register(mount.register_digits)
    return CachedMount(
        mount.meter_key,
        mount.begin_us,
        mount.end_us,
        mount.opening.get(channel.code),
        mount.closing.get(channel.code),
        wraps_at,
        Fraction(mount.multiplier),
    )


def _end_of_register(digits: int) -> int:
    return int(10**digits) * MILLIWH_PER_KWH
