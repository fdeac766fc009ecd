"""The first hour and the last reading of channels, for lists of devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from monitoring.calendar import clock
from monitoring.calendar.months import month_bounds_us
from monitoring.devices.channels import DeviceChannel
from monitoring.storage.neighbours import Register, Span, registers_around

#: After every reading.
_FAR_US = clock.to_us(datetime(2200, 1, 1, tzinfo=UTC))

_HOURS = """
SELECT d.key, first.start, last.start,
       (SELECT min(begins_at) FROM span WHERE device_key = d.key)
FROM unnest(%s::integer[]) AS d (key)
LEFT JOIN LATERAL (
    SELECT start FROM hour WHERE device_key = d.key ORDER BY start LIMIT 1
) AS first ON true
LEFT JOIN LATERAL (
    SELECT start FROM hour WHERE device_key = d.key ORDER BY start DESC LIMIT 1
) AS last ON true
"""


@dataclass(frozen=True, slots=True)
class ReadingEnds:
    """A channel's first hour with readings or energy and its last reading; None: there is none."""

    first_hour: datetime | None
    last_at: datetime | None
    last_milliwh: int | None


def reading_ends(channels: Sequence[DeviceChannel]) -> dict[int, ReadingEnds]:
    """Return the ends of the readings of these channels, by key.

    The month of the last reading is known from the last hour, or from the months with registers. A
    search without it would open the partition of every month, for each device.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [[channel.key for channel in channels]])
        hours = {key: (first, last, span) for key, first, last, span in cursor.fetchall()}
    zones = {channel.key: clock.zone(channel.timezone) for channel in channels}
    firsts = {
        # The readings of a span's begin may be in no hour.
        key: min(first, clock.hour_start(span, zones[key])) if first and span else first
        for key, (first, _, span) in hours.items()
    }
    edges: dict[int, int] = {}
    for channel in channels:
        last_hour = hours[channel.key][1]
        if channel.reading_kind == "cumulative":
            # The last register may be in no hour: a single one, or an outlier.
            edges[channel.key] = _FAR_US
        elif last_hour is not None:
            edges[channel.key] = clock.to_us(last_hour) + clock.HOUR_US
    last = _last_before(edges)
    # An hour that begins in one month and ends in the next may have its last reading in the first.
    begun_before = {
        key: month_bounds_us(edge_us - 1)[0] for key, edge_us in edges.items() if key not in last
    }
    last |= _last_before(begun_before)
    return {key: _ends(first, last.get(key)) for key, first in firsts.items()}


def _last_before(edges: dict[int, int]) -> dict[int, Register]:
    """Return by key the last reading before the edge (µs)."""
    spans = [Span(key, edge_us, edge_us, before=1, after=0) for key, edge_us in edges.items()]
    return {
        span.key: series[-1]
        for span, series in zip(spans, registers_around(spans), strict=True)
        if series
    }


def _ends(first_hour: datetime | None, last: Register | None) -> ReadingEnds:
    if last is None:
        return ReadingEnds(first_hour, None, None)
    return ReadingEnds(first_hour, clock.from_us(last.at_us), last.value)
