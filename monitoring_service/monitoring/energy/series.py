"""Series of a period: sums of its hours by hour, local day or local month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from monitoring.calendar import clock
from monitoring.models import Device
from monitoring.storage.sql import whole


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
        return [(start, start + clock.INSTANT) for start, _ in clock.clock_hours(own, begin, end)]
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
            Point(begin, whole(energy), readings, hours, clock.count_hours(own, begin, end), covers)
            for (begin, end), (energy, readings, hours, covers) in zip(
                spans, cursor.fetchall(), strict=True
            )
        ]
