"""Reads of the ledger, and of the devices that send without being registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median_low

from django.db import connection
from django.db.models import Sum

from monitoring.calendar import clock
from monitoring.devices.channels import main_channel
from monitoring.devices.ends import ReadingEnds, reading_ends
from monitoring.models import Device, LedgerMinute, LedgerRejection
from monitoring.storage.neighbours import Span, registers_around


def ledger_totals() -> dict[str, int]:
    """Return the totals of all readings by outcome."""
    columns = ("received", "stored", "corrected", "duplicates", "rejected")
    totals = LedgerMinute.objects.aggregate(**{column: Sum(column) for column in columns})
    return {column: int(totals[column] or 0) for column in columns}


def ledger_rejections() -> dict[str, int]:
    """Return the totals of rejected readings by reason."""
    rows = LedgerRejection.objects.values_list("reason").annotate(total=Sum("rejected"))
    return {reason: int(total) for reason, total in rows.order_by("reason")}


#: Times between readings of which the usual one is the median: a single gap does not count.
INTERVALS = 5

#: Minutes listed one by one.
MINUTES = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """The readings received in one minute; `received` is the sum of the others."""

    minute: datetime
    received: int
    stored: int
    corrected: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A device that sends readings and is not registered."""

    device: Device
    last_reading_at: datetime | None
    last_reading_milliwh: int | None
    #: The usual time between its latest readings.
    interval_seconds: int | None
    readings: int


def minutes() -> list[Minute]:
    """Return the last sixty minutes of the database's clock, the oldest first.

    A minute without readings has zeros.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT minute, coalesce(sum(received), 0), coalesce(sum(stored), 0),
                   coalesce(sum(corrected), 0), coalesce(sum(duplicates), 0),
                   coalesce(sum(rejected), 0)
            FROM generate_series(date_trunc('minute', now()) - %s * interval '1 minute',
                                 date_trunc('minute', now()), interval '1 minute') AS minute
            LEFT JOIN ledger_minute USING (minute)
            GROUP BY minute ORDER BY minute
            """,
            [MINUTES - 1],
        )
        return [Minute(minute, *map(int, sums)) for minute, *sums in cursor.fetchall()]


def unregistered_states(devices: Sequence[Device]) -> list[Unregistered]:
    """Return a page of unregistered devices, with what tells people which meter each of them is.

    The number is the sum over their hours: counting raw rows would take too long.
    """
    ends = reading_ends([main_channel(device) for device in devices])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT device_key, sum(reading_count)::bigint FROM hour "
            "WHERE device_key = ANY(%s) GROUP BY device_key",
            [[device.key for device in devices]],
        )
        readings = dict(cursor.fetchall())
    intervals = _usual_intervals(ends)
    return [
        Unregistered(
            device,
            ends[device.key].last_at,
            ends[device.key].last_milliwh,
            intervals.get(device.key),
            readings.get(device.key, 0),
        )
        for device in devices
    ]


def _usual_intervals(ends: dict[int, ReadingEnds]) -> dict[int, int]:
    """Return by device key the median of the last times between two readings, in seconds."""
    edges = {key: clock.to_us(end.last_at) + 1 for key, end in ends.items() if end.last_at}
    spans = [Span(key, edge, edge, before=INTERVALS + 1, after=0) for key, edge in edges.items()]
    intervals = {}
    for span, series in zip(spans, registers_around(spans), strict=True):
        gaps_us = [later.at_us - earlier.at_us for earlier, later in pairwise(series)]
        if gaps_us:
            intervals[span.key] = median_low(gaps_us) // 1_000_000
    return intervals
