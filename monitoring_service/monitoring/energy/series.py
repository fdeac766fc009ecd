"""Series of a period: sums by quarter, hour, local day, week, month or year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from monitoring.calendar import clock
from monitoring.calendar.clock import HOUR_US, QUARTER_US
from monitoring.calendar.months import next_month, next_year
from monitoring.calendar.slots import divide, slot_bounds
from monitoring.devices.channels import DeviceChannel
from monitoring.models import Hour
from monitoring.storage.known_energy import COUNT_OF_SLOTS, DeviceSpans, Quality, SpanShare
from monitoring.storage.sql import whole


@dataclass(frozen=True, slots=True)
class Point:
    """A quarter, hour, local day, week, month or year; energies in milliwatt-hours.

    Energies are None if nothing is known. `estimated_milliwh` is the part of the energy that comes
    from spans which the point cuts. `reading_count` is None for quarters: readings are counted by
    hour. `hours_with_data` are the clock hours with known energy, of the `hours_expected` that
    begin in the point.
    """

    start: datetime
    energy_milliwh: int | None
    estimated_milliwh: int | None
    reading_count: int | None
    hours_with_data: int
    hours_expected: int
    quality: Quality


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


#: The first day of the point around a day, and that of the next point, by resolution.
_FIRST: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": _monday,
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
_NEXT: dict[str, Callable[[date], date]] = {
    "day": lambda first: first + timedelta(days=1),
    "week": lambda first: first + timedelta(weeks=1),
    "month": next_month,
    "year": next_year,
}

#: The resolutions of a series, from the shortest to the longest.
RESOLUTIONS = ("quarter", "hour", *_FIRST)

_QUARTER = timedelta(minutes=15)

_SUMS = f"""
SELECT sums.* FROM unnest(%s::timestamptz[], %s::timestamptz[])
    WITH ORDINALITY AS span (begin, until, position)
CROSS JOIN LATERAL (
    SELECT sum(energy_milliwh), coalesce(sum(reading_count), 0)::bigint, count(energy_milliwh),
           coalesce(sum({COUNT_OF_SLOTS}) FILTER (WHERE energy_milliwh IS NOT NULL), 0)::bigint
    FROM hour
    WHERE device_key = %s AND start >= span.begin AND start < span.until
) AS sums ORDER BY position
"""  # noqa: S608 - our own text


def buckets(
    begin: datetime, end: datetime, resolution: str, tz: ZoneInfo, own: ZoneInfo, most: int
) -> list[tuple[datetime, datetime]] | None:
    """Return the spans of the points of [begin, end), None if they are more than `most`.

    They are quarters, clock hours of the device's zone `own`, or local days, weeks, months or years
    of `tz`, of which the first and the last are cut by the period.
    """
    if resolution == "quarter":
        first = -(-clock.to_us(begin) // QUARTER_US) * QUARTER_US
        starts = range(first, clock.to_us(end), QUARTER_US)
        if len(starts) > most:
            return None
        return [(clock.from_us(at), clock.from_us(at + QUARTER_US)) for at in starts]
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


def series(
    channel: DeviceChannel, spans: list[tuple[datetime, datetime]], resolution: str
) -> list[Point]:
    """Return a point for each span: the sums of the hours that begin in it, or a quarter."""
    if resolution == "quarter":
        return _quarters(channel, [start for start, _ in spans])
    own = clock.zone(channel.timezone)
    hours = clock.hours_of_quarters(channel.timezone)
    with connection.cursor() as cursor:
        cursor.execute(
            _SUMS, [[begin for begin, _ in spans], [end for _, end in spans], channel.key]
        )
        sums = cursor.fetchall()
    bounds = [slot_bounds(hours, clock.to_us(begin), clock.to_us(end)) for begin, end in spans]
    shares = _shares(channel, bounds)
    points = []
    for (begin, end), (energy, readings, count, slots), share in zip(
        spans, sums, shares, strict=True
    ):
        known = share.with_measured(whole(energy), slots, count)
        points.append(
            Point(
                start=begin,
                energy_milliwh=known.energy_milliwh,
                estimated_milliwh=known.estimated_milliwh,
                reading_count=readings,
                hours_with_data=known.hours,
                hours_expected=clock.count_hours(own, begin, end),
                quality=known.quality,
            )
        )
    return points


def _shares(channel: DeviceChannel, bounds: list[tuple[int, int]]) -> list[SpanShare]:
    """Return the share of spans in each period, given by the bounds of its slots in µs."""
    if not bounds:
        return []
    hours = clock.hours_of_quarters(channel.timezone)
    return DeviceSpans.read(channel.key, hours, bounds[0][0], bounds[-1][1]).shares(bounds)


def _quarters(channel: DeviceChannel, starts: list[datetime]) -> list[Point]:
    """Return the points of quarters in the order of time.

    A quarter of an hour whose quarters are unknown is a fourth of the hour, estimated.
    """
    hours = clock.hours_of_quarters(channel.timezone)
    measured = _measured_quarters(channel, starts)
    bounds = [(at, at + QUARTER_US) for at in map(clock.to_us, starts)]
    points = []
    for start, share in zip(starts, _shares(channel, bounds), strict=True):
        energy, is_measured = measured.get(share.from_us, (None, True))
        if is_measured:
            known = share.with_measured(energy, int(energy is not None), 0)
        else:
            share.estimated_milliwh += energy or 0
            share.estimated_slots, share.is_known = 1, True
            known = share.with_measured(None, 0, 0)
        begins_hour = hours[share.from_us // QUARTER_US] == share.from_us
        points.append(
            Point(
                start=start,
                energy_milliwh=known.energy_milliwh,
                estimated_milliwh=known.estimated_milliwh,
                reading_count=None,
                hours_with_data=int(begins_hour and known.energy_milliwh is not None),
                hours_expected=int(begins_hour),
                quality=known.quality,
            )
        )
    return points


def _measured_quarters(
    channel: DeviceChannel, starts: list[datetime]
) -> dict[int, tuple[int | None, bool]]:
    """Return by start (µs) the energy of each quarter, and whether it is measured."""
    quarters: dict[int, tuple[int | None, bool]] = {}
    if not starts:
        return quarters
    rows = Hour.objects.filter(
        device_key=channel.key,
        start__gt=starts[0] - timedelta(hours=2),
        start__lte=starts[-1],
        energy_milliwh__isnull=False,
    )
    for hour in rows:
        start_us = clock.to_us(hour.start)
        if any(quarter is not None for quarter in hour.quarters):
            for number, energy in enumerate(hour.quarters):
                if energy is not None:
                    quarters[start_us + number * QUARTER_US] = (energy, True)
        else:
            for slot_us, energy in divide(start_us, start_us + HOUR_US, hour.energy_milliwh or 0):
                quarters[slot_us] = (energy, False)
    return quarters
