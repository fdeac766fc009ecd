"""Closed months, whose raw readings were dropped (retention.py): their hours do not change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from monitoring.calendar import clock

#: Condition on hours `h` of interval channels `d`: no part of the hour is in a closed month, nor
#: may a reading that was dropped reach into it. In India, where hours begin at half past in UTC, an
#: hour can begin in an open month and end in a closed one. Readings of more than a slot reach into
#: the next hour.
OPEN_INTERVAL_HOUR = """NOT EXISTS (
    SELECT FROM reading_month m WHERE m.closed_at IS NOT NULL
        AND h.start + interval '1 hour' > m.month
        AND h.start < m.month + interval '1 month'
            + CASE WHEN d.interval_seconds > 900 THEN interval '1 hour' ELSE interval '0' END
)"""

#: Condition on an instant: its month is open.
OPEN_INSTANT = """NOT EXISTS (
    SELECT FROM reading_month m WHERE m.closed_at IS NOT NULL
        AND m.month <= {instant} AND {instant} < m.month + interval '1 month'
)"""


@dataclass(frozen=True, slots=True)
class ClosedMonths:
    """The closed months as spans [begin, end) in µs since the epoch."""

    spans: tuple[tuple[int, int], ...]

    def __contains__(self, instant_us: int) -> bool:
        """Return whether the instant (µs) is in a closed month."""
        return any(begin <= instant_us < end for begin, end in self.spans)

    def touch(self, start_us: int) -> bool:
        """Return whether any part of the hour that begins then (µs) is in a closed month."""
        return any(begin < start_us + clock.HOUR_US and start_us < end for begin, end in self.spans)


def closed_months() -> ClosedMonths:
    """Return the closed months, adjacent ones as one span.

    Closing a month raises the epoch of the devices (epoch.py), so they may be cached with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month, month + interval '1 month' FROM reading_month "
            "WHERE closed_at IS NOT NULL ORDER BY month"
        )
        return ClosedMonths(_merged(cursor.fetchall()))


def _merged(months: Iterable[tuple[datetime, datetime]]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for begin, end in months:
        begin_us = clock.to_us(begin)
        if spans and spans[-1][1] == begin_us:
            begin_us = spans.pop()[0]
        spans.append((begin_us, clock.to_us(end)))
    return tuple(spans)
