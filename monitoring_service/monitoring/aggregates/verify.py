"""Compare hours, spans and jumps with the readings, and every hour with the sum of its quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from monitoring.aggregates.rebuild import channel_registers
from monitoring.calendar import clock
from monitoring.devices.cache import cached_channel
from monitoring.devices.channels import DeviceChannel, every_channel
from monitoring.models import Device
from monitoring.registers.held import ENDS_IN_CLOSED_MONTH
from monitoring.registers.hours import derived_from
from monitoring.registers.stored import keep_closed_slots
from monitoring.storage.closed_months import OPEN_INSTANT, OPEN_INTERVAL_HOUR, closed_months
from monitoring.storage.epoch import lock_devices_exclusive
from monitoring.storage.interval_hours import (
    EVERY_CHANNEL,
    hours_from_intervals,
    spans_from_intervals,
)

#: (device id, start, stored milliwatt-hours, milliwatt-hours of the readings).
Difference = tuple[UUID, datetime, int | None, int | None]

_OF_DEVICES = "d.key = ANY(%(keys)s)"

# One statement sees one state of the tables, also while readings arrive. The derived hours are sums
# of their quarters, so one comparison proves both rules.
_DIFFERING = f"""
WITH derived AS ({hours_from_intervals(_OF_DEVICES)}),
present AS (SELECT * FROM hour WHERE device_key = ANY(%(keys)s))
SELECT d.device_id, h.start, h.stored, h.derived FROM (
    SELECT device_key, start, p.energy_milliwh AS stored, r.energy_milliwh AS derived,
        (p.reading_count, p.energy_milliwh, p.quarter_0, p.quarter_1, p.quarter_2, p.quarter_3)
        IS DISTINCT FROM
        (r.reading_count, r.energy_milliwh, r.quarter_0, r.quarter_1, r.quarter_2, r.quarter_3)
        AS differs
    FROM derived r FULL JOIN present p USING (device_key, start)
) AS h
JOIN {EVERY_CHANNEL} d ON d.key = h.device_key
WHERE h.differs AND {OPEN_INTERVAL_HOUR}
ORDER BY d.key, h.start
"""  # noqa: S608 - our own text

_DIFFERING_SPANS = f"""
WITH derived AS ({spans_from_intervals(_OF_DEVICES)}),
present AS (SELECT * FROM span WHERE device_key = ANY(%(keys)s))
SELECT d.device_id, s.begins_at, s.stored, s.derived FROM (
    SELECT device_key, begins_at, p.energy_milliwh AS stored, r.energy_milliwh AS derived,
        (p.ends_at, p.energy_milliwh) IS DISTINCT FROM (r.ends_at, r.energy_milliwh) AS differs
    FROM derived r FULL JOIN present p USING (device_key, begins_at)
) AS s
JOIN {EVERY_CHANNEL} d ON d.key = s.device_key
WHERE s.differs AND {OPEN_INSTANT.format(instant="s.begins_at")}
ORDER BY d.key, s.begins_at
"""  # noqa: S608 - our own text

# Hours that are partly in an open month have slots that follow from registers.
_REGISTER_HOURS = """
SELECT h.start, h.energy_milliwh, h.reading_count,
       h.quarter_0, h.quarter_1, h.quarter_2, h.quarter_3
FROM hour h
WHERE h.device_key = %s AND NOT EXISTS (
    SELECT FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS closed (begins_at, ends_at)
    WHERE closed.begins_at <= h.start AND h.start + interval '1 hour' <= closed.ends_at
)
"""

_REGISTER_SPANS = f"""
SELECT s.begins_at, s.energy_milliwh, s.ends_at FROM span s
WHERE s.device_key = %s AND {OPEN_INSTANT.format(instant="s.begins_at")}
"""  # noqa: S608 - our own text

_JUMPS = f"""
SELECT j.begins_at, j.after_milliwh - j.before_milliwh, j.ends_at, j.before_milliwh
FROM held_jump j WHERE j.device_key = %s AND NOT {ENDS_IN_CLOSED_MONTH}
"""  # noqa: S608 - our own text


def hours_that_differ(devices: Sequence[Device] | None = None) -> list[Difference]:
    """Return the hours, spans and jumps, of these devices or of all, that differ from readings."""
    if devices is None:
        devices = list(Device.objects.order_by("key"))
    channels = [channel for channel in every_channel(devices) if channel.kind_is_known]
    keys = [channel.key for channel in channels if channel.reading_kind == "interval"]
    differences: list[Difference] = []
    if keys:
        with connection.cursor() as cursor:
            for statement in (_DIFFERING, _DIFFERING_SPANS):
                cursor.execute(statement, {"keys": keys})
                differences += cursor.fetchall()
    for channel in channels:
        if channel.reading_kind != "interval":
            differences += _registers_that_differ(channel)
    return differences


def _registers_that_differ(channel: DeviceChannel) -> list[Difference]:
    """Return the hours, spans and jumps of a cumulative channel that differ from its registers.

    The lock prevents that a batch commits between the statements.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        lock_devices_exclusive()
        closed = closed_months()
        derived = derived_from(cached_channel(channel), channel_registers(channel), closed)
        keep_closed_slots([derived], closed)
        borders = [[clock.from_us(span[side]) for span in closed.spans] for side in (0, 1)]
        cursor.execute(_REGISTER_HOURS, [channel.key, *borders])
        stored = {start: tuple(figures) for start, *figures in cursor.fetchall()}
        cursor.execute(_REGISTER_SPANS, [channel.key])
        stored_spans = {begin: tuple(figures) for begin, *figures in cursor.fetchall()}
        cursor.execute(_JUMPS, [channel.key])
        stored_jumps = {begin: tuple(figures) for begin, *figures in cursor.fetchall()}
    computed = {
        clock.from_us(start_us): (hour.energy_milliwh, hour.reading_count, *hour.quarters)
        for start_us, hour in derived.hours.items()
    }
    computed_spans = {
        clock.from_us(span.begin_us): (span.energy_milliwh, clock.from_us(span.end_us))
        for span in derived.spans
    }
    computed_jumps = {
        clock.from_us(jump.begin_us): (
            jump.after - jump.before,
            clock.from_us(jump.end_us),
            jump.before,
        )
        for jump in derived.jumps
    }
    return [
        difference
        for present, expected in (
            (stored, computed),
            (stored_spans, computed_spans),
            (stored_jumps, computed_jumps),
        )
        for difference in _differences(channel, present, expected)
    ]


def _differences(
    channel: DeviceChannel,
    stored: Mapping[datetime, tuple[Any, ...]],
    derived: Mapping[datetime, tuple[Any, ...]],
) -> list[Difference]:
    """Return the instants whose figures differ, each with the energies, which come first."""
    nothing = (None,)
    return [
        (channel.device_id, start, stored.get(start, nothing)[0], derived.get(start, nothing)[0])
        for start in sorted(stored.keys() | derived.keys())
        if stored.get(start) != derived.get(start)
    ]
