"""Clock hours and local days of a zone, as UTC instants.

A clock hour begins where the local clock shows minute 0 at the offset then in force: the UTC hour
in most zones, 30 or 45 minutes off it in India and Nepal. A local day has 23, 24 or 25 of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HOUR_SECONDS = 3600

#: Offsets from UTC are whole quarters of an hour everywhere since 1972.
_QUARTER = timedelta(minutes=15)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ZoneInfoNotFoundError or ValueError."""
    return ZoneInfo(name)


def hour_start(instant: datetime, tz: ZoneInfo) -> datetime:
    """The UTC instant at which the clock hour around `instant` (aware) begins."""
    local = instant.astimezone(tz)
    into_hour = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return instant.astimezone(UTC) - into_hour


#: Microseconds since the Unix epoch are how ingest counts: exact, and cheap to compare and to send.
HOUR_US = HOUR_SECONDS * 1_000_000
QUARTER_US = HOUR_US // 4
DAY_US = 24 * HOUR_US

#: The shortest span of time that the database distinguishes.
INSTANT = timedelta(microseconds=1)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_us(instant_us: int) -> datetime:
    """The instant of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=instant_us)


def to_us(instant: datetime) -> int:
    """Microseconds since the epoch of an aware instant."""
    return (instant - _EPOCH) // INSTANT


@lru_cache(maxsize=20_000)
def _month_of_day(day: int) -> tuple[int, int]:
    begin = from_us(day * DAY_US).replace(day=1)
    return to_us(begin), to_us((begin + timedelta(days=31)).replace(day=1))


def month_bounds_us(instant_us: int) -> tuple[int, int]:
    """Begin and end (µs) of the UTC month around the instant: the bounds of its partition."""
    return _month_of_day(instant_us // DAY_US)


class HourOfQuarter(dict[int, int]):
    """The begin of the clock hour (µs) of each quarter of an hour (its number since the epoch).

    A zone's hours begin, and its offset changes, on whole quarters, so one look-up serves every
    reading of the quarter; asking the zone each time would cost more than storing the reading.
    """

    #: Entries kept: a year's quarters and some.
    _MOST = 50_000

    def __init__(self, tz: ZoneInfo) -> None:
        super().__init__()
        self.tz = tz

    def __missing__(self, quarter: int) -> int:
        if len(self) > self._MOST:
            self.clear()
        start = to_us(hour_start(from_us(quarter * QUARTER_US), self.tz))
        self[quarter] = start
        return start


@lru_cache(maxsize=1024)
def hours_of_quarters(name: str) -> HourOfQuarter:
    """The zone's table, shared by all its devices."""
    return HourOfQuarter(zone(name))


def clock_hours(tz: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
    """(start, hour on the clock) of each clock hour that begins within [begin, end)."""
    previous = hour_start(begin - _QUARTER, tz)
    moment = hour_start(begin, tz)
    while moment < end:
        start = hour_start(moment, tz)
        if start != previous:
            previous = start
            if begin <= start < end:
                yield start, moment.astimezone(tz).hour
        moment += _QUARTER


def day_bounds(day: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC instants at which the local day begins and ends.

    Where the clock skips midnight, the day begins at the skip: fold 0 reads the missing time at
    the offset before it, which is that instant.
    """
    begin = datetime.combine(day, time.min, tzinfo=tz)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=tz)
    return begin.astimezone(UTC), end.astimezone(UTC)


def local_day(instant: datetime, tz: ZoneInfo) -> date:
    """The day the local calendar shows at `instant`."""
    return instant.astimezone(tz).date()


def now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)


def count_hours(tz: ZoneInfo, begin: datetime, end: datetime) -> int:
    """Return how many clock hours of the zone begin in [begin, end).

    The hours of four weeks are counted by arithmetic, and listed one by one only where the clock
    moves by less than an hour within them.
    """
    count, piece = 0, timedelta(days=28)
    while begin < end:
        until = min(begin + piece, end)
        first, last = _into_hour(begin, tz), _into_hour(until, tz)
        if first == last:
            count += _hours_before(until, last) - _hours_before(begin, first)
        else:
            count += sum(1 for _ in clock_hours(tz, begin, until))
        begin = until
    return count


def _into_hour(instant: datetime, tz: ZoneInfo) -> timedelta:
    """How far the zone's hours are off the UTC hours."""
    offset = instant.astimezone(tz).utcoffset() or timedelta()
    return offset % timedelta(hours=1)


def _hours_before(instant: datetime, into_hour: timedelta) -> int:
    """Hours of such a zone that began before `instant`, counted from long ago."""
    since = instant + into_hour - datetime(1900, 1, 1, tzinfo=UTC)
    return -(-since // timedelta(hours=1))
