"""The cache of devices of one ingest process, never older than the batch in hand.

Every batch takes a shared lock and compares one number, the epoch. A change of a device that
matters to its hours takes the lock alone and raises the epoch (`monitoring.storage.epoch`). So a
batch is summed entirely before such a change or entirely after it, without reading each device's
row.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from energy_contracts.units import MILLIWH_PER_KWH
from monitoring.calendar import clock
from monitoring.calendar.clock import HourOfQuarter
from monitoring.calendar.slots import LONGEST_DIVIDED_SECONDS, SLOT_SECONDS
from monitoring.models import READING_KINDS, Device
from monitoring.storage.closed_months import ClosedMonths, closed_months
from monitoring.storage.epoch import lock_devices_shared

#: Devices kept in memory, some 500 bytes each.
MAX_DEVICES = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class CachedDevice:
    """A device as ingest needs it: its key, and the data on which its hours and alerts depend."""

    key: int
    device_id: UUID
    hours: HourOfQuarter
    deleted: bool
    cumulative: bool
    interval_us: int
    #: Whether each reading belongs to the slot in which it begins: an interval of at most a slot.
    by_slot: bool
    #: Whether each reading is a span: an interval of more than an hour.
    is_span: bool
    register_digits: int | None
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
    #: (instant in µs, value, since in µs or None) of registers carried at borders of closed months.
    carried: tuple[tuple[int, int, int | None], ...]

    def limit_at(self, hour_us: int) -> int | None:
        """Return the limit in milliwatt-hours of the hour that begins then (µs), None for none."""
        if not self.limits:
            return None
        if len(self.limits) == 1:
            return self.limits[0][1]
        position = bisect_right(self.limits, hour_us, key=lambda limit: limit[0])
        return self.limits[max(position - 1, 0)][1]


#: Condition on limits `l`: the row is the first limit of the device or a later one. A device
#: without a first limit has none in force.
LIMIT_IN_FORCE = """l.version >= (
    SELECT f.version FROM consumption_limit f
    WHERE f.device_key = l.device_key AND f.from_hour = '1900-01-01T00:00:00Z'
)"""

_LOAD = f"""
SELECT device_id, key, timezone, deleted, reading_kind, register_digits, max_power_kw,
       interval_seconds,
       ARRAY(SELECT ARRAY[extract(epoch FROM from_hour)::bigint, coalesce(limit_milliwh, -1)]
             FROM consumption_limit l
             WHERE device_key = device.key AND {LIMIT_IN_FORCE} ORDER BY from_hour),
       ARRAY(SELECT ARRAY[(extract(epoch FROM at) * 1000000)::bigint, value_milliwh,
                          coalesce((extract(epoch FROM counted_since) * 1000000)::bigint, -1)]
             FROM carried_register WHERE device_key = device.key ORDER BY at),
       retired_at,
       ARRAY(SELECT ARRAY[(extract(epoch FROM started_at) * 1000000)::bigint, max(revision)]
             FROM removed_reading WHERE device_key = device.key GROUP BY started_at)
FROM device WHERE device_id = ANY(%s::uuid[])
"""  # noqa: S608 - our own text

_INSERT_UNREGISTERED = """
INSERT INTO device (device_id, registered, deleted, version, name, description,
    device_type, status, timezone, interval_seconds, reading_kind, first_seen_at)
SELECT device_id, false, false, 0, '', '', '', '', %s, 600, 'interval', now()
FROM unnest(%s::uuid[]) AS device_id
ON CONFLICT (device_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class CacheState:
    """Devices by the integer of their id, and the closed months, as of one epoch."""

    epoch: int
    devices: dict[int, CachedDevice]
    closed: ClosedMonths


class DeviceCache:
    """Devices by the integer of their id, for one ingest process.

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

    def commit(self) -> None:
        """Add the devices that the committed transaction loaded and inserted to the cache."""
        self.state.devices.update(self._pending)
        self._pending = {}


def cached_device(device: Device) -> CachedDevice:
    """Return the device as ingest sees it, for work outside of a batch."""
    return _load([device.device_id.int])[device.device_id.int]


def cached_devices(device_ids: Iterable[UUID]) -> list[CachedDevice]:
    """Return the devices as ingest sees them, for work outside of a batch."""
    return list(_load(device_id.int for device_id in device_ids).values())


def _load(device_ids: Iterable[int]) -> dict[int, CachedDevice]:
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [[str(UUID(int=device_id)) for device_id in device_ids]])
        return {row[0].int: _from_row(*row) for row in cursor.fetchall()}


def _from_row(
    device_id: UUID,
    key: int,
    timezone: str,
    deleted: bool,
    reading_kind: str,
    register_digits: int | None,
    max_power_kw: float | None,
    interval_seconds: int,
    limits: list[list[int]],
    carried: list[list[int]],
    retired_at: datetime | None,
    removed: list[tuple[int, int]],
) -> CachedDevice:
    """Return the device of a row in the column order of `_LOAD`."""
    cumulative = reading_kind == "cumulative"
    kind_is_known = reading_kind in READING_KINDS
    max_value = None
    if cumulative and register_digits is not None:
        max_value = 10**register_digits * MILLIWH_PER_KWH - 1
    elif not cumulative and max_power_kw is not None:
        hours = interval_seconds / clock.HOUR_SECONDS
        max_value = round(max_power_kw * hours * MILLIWH_PER_KWH)
    return CachedDevice(
        key=key,
        device_id=device_id,
        hours=clock.hours_of_quarters(timezone),
        deleted=deleted,
        cumulative=cumulative,
        interval_us=interval_seconds * 1_000_000,
        by_slot=not cumulative and interval_seconds <= SLOT_SECONDS,
        is_span=not cumulative and interval_seconds > LONGEST_DIVIDED_SECONDS,
        register_digits=register_digits,
        max_power_kw=max_power_kw,
        max_value_milliwh=max_value,
        limits=tuple(
            (seconds * 1_000_000, None if limit < 0 else limit) for seconds, limit in limits
        ),
        kind_is_known=kind_is_known,
        retired_us=None if retired_at is None else clock.to_us(retired_at),
        removed=dict(removed),
        guarded=deleted
        or bool(removed)
        or retired_at is not None
        or max_value is not None
        or not kind_is_known,
        carried=tuple(
            (at_us, value, None if since_us < 0 else since_us) for at_us, value, since_us in carried
        ),
    )
