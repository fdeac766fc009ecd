"""The rows of devices, channels and meters, from which the cache is made.

Only the cache imports this module.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from energy_contracts.names import MAIN_CHANNEL

#: Condition on limits `l`: the row is the first limit of the device or a later one. A device
#: without a first limit has none in force.
LIMIT_IN_FORCE = """l.version >= (
    SELECT f.version FROM consumption_limit f
    WHERE f.device_key = l.device_key AND f.from_hour = '1900-01-01T00:00:00Z'
)"""

# Carried registers, removed readings and accepted jumps of the channel `c`.
_PAST = """
       ARRAY(SELECT ARRAY[(extract(epoch FROM at) * 1000000)::bigint, value_milliwh,
                          coalesce((extract(epoch FROM counted_since) * 1000000)::bigint, -1),
                          (multiplier * 1000000)::bigint]
             FROM carried_register WHERE device_key = c.key ORDER BY at),
       ARRAY(SELECT ARRAY[(extract(epoch FROM started_at) * 1000000)::bigint, max(revision)]
             FROM removed_reading WHERE device_key = c.key GROUP BY started_at),
       ARRAY(SELECT ARRAY[(extract(epoch FROM begins_at) * 1000000)::bigint,
                          (extract(epoch FROM ends_at) * 1000000)::bigint,
                          before_milliwh, after_milliwh]
             FROM (SELECT DISTINCT ON (begins_at, ends_at, before_milliwh, after_milliwh) *
                   FROM held_decision WHERE device_key = c.key
                   ORDER BY begins_at, ends_at, before_milliwh, after_milliwh, id DESC
                  ) AS in_force
             WHERE kind = 'accepted')
"""

_LOAD = f"""
SELECT device_id, timezone, deleted, retired_at,
       ARRAY(SELECT ARRAY[extract(epoch FROM from_hour)::bigint, coalesce(limit_milliwh, -1)]
             FROM consumption_limit l
             WHERE device_key = c.key AND {LIMIT_IN_FORCE} ORDER BY from_hour),
       key, '{MAIN_CHANNEL}', false, reading_kind, interval_seconds, register_digits,
       register_wraps_at_milliwh, max_power_kw, negative_channel, {_PAST}
FROM device c WHERE device_id = ANY(%s::uuid[])
"""  # noqa: S608 - our own text

_LOAD_CHANNELS = f"""
SELECT device_id, key, code, removed, reading_kind, interval_seconds, register_digits,
       register_wraps_at_milliwh, max_power, negative_channel, {_PAST}
FROM channel c WHERE device_id = ANY(%s::uuid[])
"""  # noqa: S608 - our own text

_LOAD_METERS = """
SELECT r.device_id, r.key, r.serial_number, m.id IS NOT NULL,
       (extract(epoch FROM m.mounted_at) * 1000000)::bigint,
       (extract(epoch FROM m.removed_at) * 1000000)::bigint,
       m.opening, m.closing, m.register_digits, m.multiplier
FROM meter r LEFT JOIN mount m ON m.device_id = r.device_id AND m.meter_key = r.key
WHERE r.device_id = ANY(%s::uuid[])
ORDER BY r.device_id, m.mounted_at NULLS FIRST
"""


class StoredChannel(NamedTuple):
    """A channel as it is stored, in the column order of `_LOAD_CHANNELS`."""

    key: int
    code: str
    removed: bool
    reading_kind: str
    interval_seconds: int | None
    register_digits: int | None
    register_wraps_at: int | None
    max_power: float | None
    negative_channel: str | None
    carried: list[list[int]]
    removed_readings: list[tuple[int, int]]
    accepted: list[tuple[int, int, int, int]]


class StoredMount(NamedTuple):
    """A mount as it is stored, in the column order of `_LOAD_METERS`."""

    meter_key: int
    begin_us: int | None
    end_us: int | None
    opening: dict[str, int]
    closing: dict[str, int]
    register_digits: int | None
    multiplier: Decimal


@dataclass(slots=True)
class StoredParts:
    """The meters of a device and its channels other than `main`, as they are stored."""

    meters: dict[str, int] = field(default_factory=dict)
    mounts: list[StoredMount] = field(default_factory=list)
    channels: list[StoredChannel] = field(default_factory=list)

    def add_meter(self, key: int, serial_number: str, is_mounted: bool, *mount: Any) -> None:
        """Add a row of `_LOAD_METERS`."""
        self.meters[serial_number] = key
        if is_mounted:
            begin_us, end_us, opening, closing, digits, multiplier = mount
            registers = json.loads(opening), json.loads(closing)
            self.mounts.append(StoredMount(key, begin_us, end_us, *registers, digits, multiplier))


class StoredDevice(NamedTuple):
    """A device as it is stored; `limits` are (begin in seconds, milliwatt-hours or -1 for none)."""

    device_id: UUID
    timezone: str
    deleted: bool
    retired_at: datetime | None
    limits: list[list[int]]
    main: StoredChannel
    parts: StoredParts


def stored_devices(device_ids: Iterable[int]) -> list[StoredDevice]:
    """Return the devices that have a row, with their channels and meters."""
    ids = [str(UUID(int=device_id)) for device_id in device_ids]
    parts: dict[UUID, StoredParts] = defaultdict(StoredParts)
    with connection.cursor() as cursor:
        cursor.execute(_LOAD_METERS, [ids])
        for device_id, *meter in cursor.fetchall():
            parts[device_id].add_meter(*meter)
        cursor.execute(_LOAD_CHANNELS, [ids])
        for device_id, *channel in cursor.fetchall():
            parts[device_id].channels.append(StoredChannel(*channel))
        cursor.execute(_LOAD, [ids])
        return [
            StoredDevice(
                device_id,
                timezone,
                deleted,
                retired_at,
                limits,
                StoredChannel(*main),
                parts[device_id],
            )
            for device_id, timezone, deleted, retired_at, limits, *main in cursor.fetchall()
        ]
