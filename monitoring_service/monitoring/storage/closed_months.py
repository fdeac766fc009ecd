"""Months whose raw readings were dropped (see retention.py): nothing is added to their hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from monitoring.calendar import clock

#: For statements about hours `h`: the hour lies outside of all closed months. One that begins in a
#: kept month and ends in a closed one (half past the hour, in India) has lost a part of itself too.
OPEN_HOUR = """NOT EXISTS (
    SELECT FROM reading_month m WHERE m.closed_at IS NOT NULL
        AND h.start < m.month + interval '1 month' AND h.start + interval '1 hour' > m.month
)"""


@dataclass(frozen=True, slots=True)
class ClosedMonths:
    """Spans (µs since the epoch, begin inclusive, end exclusive) whose readings were dropped."""

    spans: tuple[tuple[int, int], ...]

    def __contains__(self, instant_us: int) -> bool:
        return any(begin <= instant_us < end for begin, end in self.spans)

    def touch(self, start_us: int) -> bool:
        """Whether an hour that begins then has any part in them."""
        return any(begin < start_us + clock.HOUR_US and start_us < end for begin, end in self.spans)


def closed_months() -> ClosedMonths:
    """The closed months now, adjacent ones as one span. They change only with the device epoch."""
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
