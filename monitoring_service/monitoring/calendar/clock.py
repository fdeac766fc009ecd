"""Clock hours and local days of a zone, as UTC instants.

A clock hour begins when the local clock shows minute 0. In most zones that is the UTC hour; in
India and Nepal it begins 30 and 15 minutes past the UTC hour. A local day has 23, 24 or 25 of them.
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
    """Return the IANA zone of that name. Raises ZoneInfoNotFoundError or ValueError."""
    return ZoneInfo(name)


def hour_start(instant: datetime, tz: ZoneInfo) -> datetime:
    """Return the UTC instant at which the clock hour around `instant` (aware) begins."""
    local = instant.astimezone(tz)
    into_hour = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return instant.astimezone(UTC) - into_hour


#: Ingest counts in microseconds since the Unix epoch: exact, and cheap to compare and to send.
HOUR_US = HOUR_SECONDS * 1_000_000
QUARTER_US = HOUR_US // 4
DAY_US = 24 * HOUR_US

#: The shortest span of time that the database distinguishes.
INSTANT = timedelta(microseconds=1)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_us(instant_us: int) -> datetime:
    """Return the instant of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=instant_us)


def to_us(instant: datetime) -> int:
    """Return the microseconds since the epoch of an aware instant."""
    return (instant - _EPOCH) // INSTANT


class HourOfQuarter(dict[int, int]):
    """The start (µs) of the clock hour around each quarter of an hour, by the quarter's number.

    Quarters are numbered from the epoch. A zone's hours begin, and its offset changes, on whole
    quarters, so one entry serves all readings of a quarter. Computing the hour for each reading
    would cost more than storing it.
    """

    #: Entries before the table is emptied: the quarters of more than a year.
    _MAX_ENTRIES = 50_000

    def __init__(self, tz: ZoneInfo) -> None:
        """Begin without entries; each is computed when it is first looked up."""
        super().__init__()
        self.tz = tz

    def __missing__(self, quarter: int) -> int:
        """Compute, remember and return the hour of a quarter."""
        if len(self) > self._MAX_ENTRIES:
            self.clear()
        start = to_us(hour_start(from_us(quarter * QUARTER_US), self.tz))
        self[quarter] = start
        return start


@lru_cache(maxsize=1024)
def hours_of_quarters(name: str) -> HourOfQuarter:
    """Return the table of a zone, which all its devices share."""
    return HourOfQuarter(zone(name))


def clock_hours(tz: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield (start, hour on the clock) of each clock hour that begins within [begin, end)."""
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
    """Return the UTC instants at which the local day begins and ends.

    Where the clock skips midnight, the day begins at the skip: `fold=0` reads the missing time at
    the offset before it, which is that instant.
    """
    begin = datetime.combine(day, time.min, tzinfo=tz)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=tz)
    return begin.astimezone(UTC), end.astimezone(UTC)


def local_day(instant: datetime, tz: ZoneInfo) -> date:
    """Return the day that the local calendar shows at `instant`."""
    return instant.astimezone(tz).date()


def now() -> datetime:
    """Return the current instant, aware."""
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
    """Return how far into an hour the zone's clock is when a UTC hour begins: 45 min at +05:45."""
    offset = instant.astimezone(tz).utcoffset() or timedelta()
    return offset % timedelta(hours=1)


def _hours_before(instant: datetime, into_hour: timedelta) -> int:
    """Return the number of hours of such a zone that began since 1900 and before `instant`."""
    since = instant + into_hour - datetime(1900, 1, 1, tzinfo=UTC)
    return -(-since // timedelta(hours=1))
