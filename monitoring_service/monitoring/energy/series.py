"""Series and figures of a period, from hours, never from raw readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db import connection

from monitoring.calendar import clock
from monitoring.models import Device
from monitoring.storage.sql import whole

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Point:
    """An hour, local day or local month of a series; energy None when no hour of it has readings.

    `covers_hours`: clock hours whose energy stands here, more than `hours_with_data` after a gap of
    a cumulative device.
    """

    start: datetime
    energy_milliwh: int | None
    reading_count: int
    hours_with_data: int
    hours_expected: int
    covers_hours: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A period in figures. An hour that stands for a gap counts in the average with the hours it
    covers, and is neither peak nor lowest."""

    energy_milliwh: int | None
    hours_with_data: int
    covers_hours: int
    hours_expected: int
    peak: tuple[datetime, int] | None
    lowest: tuple[datetime, int] | None

    @property
    def average_milliwh(self) -> Fraction | None:
        """Energy of the average hour."""
        if self.energy_milliwh is None:
            return None
        return Fraction(self.energy_milliwh, self.covers_hours)

    @property
    def load_factor(self) -> Fraction | None:
        """Average over peak: 1 is even use, near 0 is use in bursts. None without use."""
        if self.average_milliwh is None or self.peak is None or self.peak[1] == 0:
            return None
        return self.average_milliwh / self.peak[1]


def buckets(
    begin: datetime, end: datetime, resolution: str, tz: ZoneInfo, own: ZoneInfo, most: int
) -> list[tuple[datetime, datetime]] | None:
    """The points of [begin, end): clock hours of the device's zone `own`, or local days or months
    of `tz`, the first and last cut by the period. None when they are more than `most`."""
    if resolution == "hour":
        # Clock hours can be half as long where a clock moved, never shorter.
        if (end - begin) / timedelta(hours=1) > most:
            return None
        # To the next instant, not the next hour: where a clock moves by half an hour, the next
        # begins within it.
        return [(start, start + _INSTANT) for start, _ in clock.clock_hours(own, begin, end)]
    found: list[tuple[datetime, datetime]] = []
    day = clock.local_day(begin, tz)
    if resolution == "month":
        day = day.replace(day=1)
    while (start := clock.day_bounds(day, tz)[0]) < end:
        day = _next_month(day) if resolution == "month" else day + timedelta(days=1)
        until = clock.day_bounds(day, tz)[0]
        # A day that the calendar skipped is empty.
        if max(start, begin) < min(until, end):
            found.append((max(start, begin), min(until, end)))
        if len(found) > most:
            return None
    return found


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def series(device: Device, spans: list[tuple[datetime, datetime]]) -> list[Point]:
    """The sum of the hours that begin in each span."""
    own = clock.zone(device.timezone)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT sums.* FROM unnest(%s::timestamptz[], %s::timestamptz[])
                WITH ORDINALITY AS span (begin, until, position)
            CROSS JOIN LATERAL (
                SELECT sum(energy_milliwh), coalesce(sum(reading_count), 0)::bigint,
                       count(*), coalesce(sum(covers_hours), 0)::bigint
                FROM hour
                WHERE device_key = %s AND start >= span.begin AND start < span.until
            ) AS sums ORDER BY position
            """,
            [[begin for begin, _ in spans], [end for _, end in spans], device.key],
        )
        return [
            Point(begin, whole(energy), readings, hours, hours_between(own, begin, end), covers)
            for (begin, end), (energy, readings, hours, covers) in zip(
                spans, cursor.fetchall(), strict=True
            )
        ]


def hours_between(tz: ZoneInfo, begin: datetime, end: datetime) -> int:
    """How many clock hours of the zone begin in [begin, end).

    Counted, where the clock keeps its minutes; listed only around a change by less than an hour.
    """
    found, piece = 0, timedelta(days=28)
    while begin < end:
        until = min(begin + piece, end)
        first, last = _into_hour(begin, tz), _into_hour(until, tz)
        if first == last:
            found += _hours_before(until, last) - _hours_before(begin, first)
        else:
            found += sum(1 for _ in clock.clock_hours(tz, begin, until))
        begin = until
    return found


def _into_hour(instant: datetime, tz: ZoneInfo) -> timedelta:
    """How far the zone's hours are off the UTC hours."""
    offset = instant.astimezone(tz).utcoffset() or timedelta()
    return offset % timedelta(hours=1)


def _hours_before(instant: datetime, into_hour: timedelta) -> int:
    """Hours of such a zone that began before `instant`, counted from long ago."""
    since = instant + into_hour - datetime(1900, 1, 1, tzinfo=UTC)
    return -(-since // timedelta(hours=1))


def figures(device: Device, begin: datetime, end: datetime) -> Figures:
    """The figures of the hours that begin in [begin, end)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH span AS MATERIALIZED (
                SELECT start, energy_milliwh, covers_hours FROM hour
                WHERE device_key = %s AND start >= %s AND start < %s
            )
            SELECT sum(energy_milliwh), count(*), coalesce(sum(covers_hours), 0)::bigint
            FROM span
            UNION ALL
            (SELECT extract(epoch FROM start)::bigint, energy_milliwh, 0 FROM span
             WHERE covers_hours = 1 ORDER BY energy_milliwh DESC, start LIMIT 1)
            UNION ALL
            (SELECT extract(epoch FROM start)::bigint, energy_milliwh, 0 FROM span
             WHERE covers_hours = 1 ORDER BY energy_milliwh, start LIMIT 1)
            """,
            [device.key, begin, end],
        )
        (energy, hours, covers), *extremes = cursor.fetchall()
    found = [(datetime.fromtimestamp(int(start), UTC), int(value)) for start, value, _ in extremes]
    return Figures(
        energy_milliwh=whole(energy),
        hours_with_data=hours,
        covers_hours=covers,
        hours_expected=hours_between(clock.zone(device.timezone), begin, end),
        peak=found[0] if found else None,
        lowest=found[1] if found else None,
    )
