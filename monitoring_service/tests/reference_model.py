"""A model of the hours that follow from a set of readings, simple enough to check by eye.

It takes the whole set at once, and knows no order of arrival, no batch and no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

from energy_contracts.events import DeviceData

from . import register_model

ONE_HOUR, QUARTER, ONE_SECOND = timedelta(hours=1), timedelta(minutes=15), timedelta(seconds=1)


class Sent(NamedTuple):
    """A reading that is sent and may be stored; `value` in milliwatt-hours."""

    meter: str
    at: datetime
    value: int
    revision: int


def candidates(sent: Iterable[Sent]) -> dict[tuple[str, datetime], set[int]]:
    """Return by meter and instant the values at the highest revision, one of which is stored.

    There are several only if a meter contradicts itself; then the first one to arrive is stored.
    """
    highest: dict[tuple[str, datetime], tuple[int, set[int]]] = {}
    for reading in sorted(sent, key=lambda reading: reading.revision):
        place = reading.meter, reading.at
        revision, values = highest.get(place, (-1, set()))
        values = values if revision == reading.revision else set()
        highest[place] = reading.revision, values | {reading.value}
    return {place: values for place, (_, values) in highest.items()}


def conflicts(sent: Sequence[Sent], stored: Mapping[tuple[str, datetime], int]) -> tuple[int, int]:
    """Return the least and greatest number of readings rejected because they contradict another.

    A reading of the highest revision that differs from the stored one is always rejected. Whether a
    lower one arrives before or after it was superseded depends on the order of arrival.
    """
    allowed = candidates(sent)
    at_least = sum(
        reading.value in allowed[reading.meter, reading.at]
        and reading.value != stored[reading.meter, reading.at]
        for reading in sent
        if is_highest(reading, sent)
    )
    values = Counter((reading.meter, reading.at, reading.revision) for reading in set(sent))
    below = sum(
        values[reading.meter, reading.at, reading.revision] > 1
        for reading in sent
        if not is_highest(reading, sent)
    )
    return at_least, at_least + below


def is_highest(reading: Sent, sent: Iterable[Sent]) -> bool:
    return reading.revision == max(
        other.revision for other in sent if (other.meter, other.at) == (reading.meter, reading.at)
    )


def hour_of(device: DeviceData, instant: datetime) -> datetime:
    """Return the begin of the clock hour of the device's zone."""
    local = instant.astimezone(ZoneInfo(device.timezone))
    return instant - timedelta(minutes=local.minute, seconds=local.second)


def hours(device: DeviceData, series: Mapping[datetime, int]) -> dict[datetime, tuple[int, ...]]:
    """Return (energy, readings, 1) of each hour of an interval device's stored values."""
    counts = Counter(hour_of(device, at) for at in series)
    energy: Counter[datetime] = Counter()
    for slot, value in slots(device, series).items():
        energy[hour_of(device, slot)] += value
    return {hour: (energy[hour], counts[hour], 1) for hour in energy}


def slots(device: DeviceData, series: Mapping[datetime, int]) -> dict[datetime, int]:
    """Return the energy of each slot of an interval device, of at most an hour's interval."""
    energy: Counter[datetime] = Counter()
    length = timedelta(seconds=device.interval_seconds)
    for at, value in series.items():
        slot = at - timedelta(minutes=at.minute % 15, seconds=at.second)
        if length <= QUARTER:
            energy[slot] += value
            continue
        before = 0
        while slot < at + length:
            share = Fraction(min(slot + QUARTER - at, length) / ONE_SECOND) / int(
                length / ONE_SECOND
            )
            until = floor(value * share + Fraction(1, 2))
            energy[slot] += until - before
            before, slot = until, slot + QUARTER
    return dict(energy)


def measured_hours(device: DeviceData, series: Mapping[datetime, int]) -> dict[datetime, int]:
    """Return the measured energy of each hour that has some."""
    if device.reading_kind == "interval":
        return {hour: energy for hour, (energy, *_) in hours(device, series).items()}
    return {
        hour: sum(quarter or 0 for quarter in quarters)
        for hour, (_, *quarters) in register_model.hours(device, series).items()
        if quarters != [None] * 4
    }
