"""Months: their bounds in UTC, which are those of the partitions; the month or year after one."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TypeVar

from monitoring.calendar.clock import DAY_US, from_us, to_us

#: A date or an instant.
Day = TypeVar("Day", bound=date)


def next_month(first: Day) -> Day:
    """Return the first day of the month after the one that begins at `first`."""
    return (first + timedelta(days=31)).replace(day=1)


def next_year(first: Day) -> Day:
    """Return the first day of the year after the one that begins at `first`."""
    return first.replace(year=first.year + 1)


def month_bounds_us(instant_us: int) -> tuple[int, int]:
    """Return begin and end (µs) of the UTC month around the instant: the bounds of a partition."""
    return _bounds_of_day(instant_us // DAY_US)


@lru_cache(maxsize=20_000)
def _bounds_of_day(day: int) -> tuple[int, int]:
    begin = from_us(day * DAY_US).replace(day=1)
    return to_us(begin), to_us(next_month(begin))
