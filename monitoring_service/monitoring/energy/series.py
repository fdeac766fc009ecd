"""Series of a period: sums of its hours by hour, local day, month or year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from monitoring.calendar import clock
from monitoring.calendar.months import next_month, next_year
from monitoring.models import Device
from monitoring.storage.sql import whole


@dataclass(frozen=True, slots=True)
class Point:
    """An hour, local day, month or year; energy in milliwatt-hours, None if no hour has readings.

    `covers_hours`: the clock hours whose energy the point holds, more than `hours_with_data` if
    some of them cover a gap of a cumulative device.
    """

    start: datetime
    energy_milliwh: int | None
    reading_count: int
    hours_with_data: int
    hours_expected: int
    covers_hours: int


#: The first day of the point around a day, and that of the next point, by resolution.
_FIRST: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
_NEXT: dict[str, Callable[[date], date]] = {
    "day": lambda first: first + timedelta(days=1),
    "month": next_month,
    "year": next_year,
}

#: The resolutions of a series, from the shortest to the longest.
RESOLUTIONS = ("hour", *_FIRST)


def buckets(
    begin: datetime, end: datetime, resolution: str, tz: ZoneInfo, own: ZoneInfo, most: int
) -> list[tuple[datetime, datetime]] | None:
    """Return the spans of the points of [begin, end), None if they are more than `most`.

    They are clock hours of the device's zone `own`, or local days, months or years of `tz`, of
    which the first and the last are cut by the period.
    """
    if resolution == "hour":
        # A lower bound: clock hours are shorter than an hour only where a clock moves.
        if (end - begin) / timedelta(hours=1) > most:
            return None
        # The span ends an instant later: where a clock moves by half an hour, the next clock hour
        # begins less than an hour later and must not be in the span.
        return [(start, start + clock.INSTANT) for start, _ in clock.clock_hours(own, begin, end)]
    spans: list[tuple[datetime, datetime]] = []
    day = _FIRST[resolution](clock.local_day(begin, tz))
    while (start := clock.day_bounds(day, tz)[0]) < end:
        day = _NEXT[resolution](day)
        until = clock.day_bounds(day, tz)[0]
        # A day that the zone's calendar skipped has no instants.
        if max(start, begin) < min(until, end):
            spans.append((max(start, begin), min(until, end)))
        if len(spans) > most:
            return None
    return spans


def series(device: Device, spans: list[tuple[datetime, datetime]]) -> list[Point]:
    """Return a point for each span: the sums of the hours that begin in it."""
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
