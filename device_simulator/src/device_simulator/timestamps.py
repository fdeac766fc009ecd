"""Timestamps of recordings, read as instants or rejected with a reason.

A cell that can be read in two ways is an error of the whole file, not of its row: the wrong reading
would put energy into right-looking hours of another day.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: Seconds since 1970 with nine to eleven digits. Some loggers write a plus sign now and then.
_EPOCH_SECONDS = re.compile(r"\+?(\d{9,11})(?:[.,](\d+))?", re.ASCII)
_DIGITS_ONLY = re.compile(r"\+?\d{9,}(?:[.,]\d+)?", re.ASCII)
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)
#: Python takes any character between date and time, digits included.
_DATE_AND_TIME = re.compile(r"(?:\d{4}-\d{2}-\d{2}|\d{8})[Tt ]\d{2}.*", re.ASCII)
_HOUR_24 = re.compile(r".{8,10}[Tt ]24(?!\d)|.{8,10}[Tt ]24\d\d", re.ASCII)

#: Seconds by which a recorded instant may be ahead of this computer's clock.
_MAX_AHEAD_SECONDS = 86_400


class RowRejected(ValueError):
    """A row that cannot be sent; the message holds the reason."""


class AmbiguousCell(ValueError):
    """A cell that can be read in two ways; the message names it and the remedy."""


def parse_timestamp(text: str, zone: ZoneInfo | None, *, dates_allowed: bool = False) -> datetime:
    """Return the instant, in UTC, that a cell names; digits beyond the microsecond are cut.

    A date without a time is midnight of `zone`, if `dates_allowed`. Raises RowRejected for a cell
    that names no instant, and AmbiguousCell for one that could name several.
    """
    text = text.strip()
    if _DIGITS_ONLY.fullmatch(text):
        return _seconds_since_1970(text)
    if _DATE_ONLY.fullmatch(text):
        if not dates_allowed:
            raise AmbiguousCell(
                f"timestamp {text!r} is a date without a time, so the value covers a day and would "
                "count in its first hour; use a file with date and time in one column of each row"
            )
    elif _HOUR_24.match(text):
        raise RowRejected("timestamp has the hour 24; write 00:00 of the next day")
    elif not _DATE_AND_TIME.fullmatch(text):
        raise RowRejected("timestamp is not understood")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RowRejected("timestamp is not understood") from None
    if moment.tzinfo is None:
        if zone is None:
            raise RowRejected("timestamp has no offset and no --timezone was given")
        moment = _local(moment, zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise RowRejected("timestamp is not understood") from None


def is_local(text: str) -> bool:
    """Return whether a cell is a date, with or without a time, that has no offset."""
    text = text.strip()
    if _DIGITS_ONLY.fullmatch(text):
        return False
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def is_timestamp(text: str) -> bool:
    """Return whether a cell is data rather than the header of a column of timestamps."""
    try:
        parse_timestamp(text, ZoneInfo("UTC"), dates_allowed=True)
    except RowRejected:
        return False
    except AmbiguousCell:
        return True
    return True


def _seconds_since_1970(text: str) -> datetime:
    """Return the instant of a number of seconds. Raises AmbiguousCell if it may be another unit."""
    seconds = _EPOCH_SECONDS.fullmatch(text)
    if seconds is None:
        whole = len(re.split("[.,]", text.lstrip("+"))[0])
        unit = {13: "milliseconds", 16: "microseconds", 19: "nanoseconds"}.get(whole)
        guess = f"which looks like {unit} since 1970" if unit else "and is no number of seconds"
        raise AmbiguousCell(
            f"timestamp {text!r} has {whole} digits, {guess}; write seconds since 1970 or an "
            "ISO 8601 timestamp such as 2026-11-10T08:00:00Z"
        )
    whole, fraction = int(seconds.group(1)), (seconds.group(2) or "")[:6]
    if whole > time.time() + _MAX_AHEAD_SECONDS:
        instant = f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%d %H:%M}"
        raise AmbiguousCell(
            f"timestamp {text!r} as seconds since 1970 is {instant} UTC, in the future; if it is a "
            "date and an hour without separators, write it as 2026-11-10T08:00"
        )
    return datetime.fromtimestamp(whole, UTC) + timedelta(microseconds=int(fraction.ljust(6, "0")))


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a wall-clock time of the zone as an instant.

    Raises RowRejected when a clock change makes it none or two instants.
    """
    first, second = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment
    if exists:
        raise RowRejected("local time happened twice when the clock was set back")
    raise RowRejected("local time never happened: the clock was set forward")
