"""A model of the hours that follow from a set of readings, simple enough to check by eye.

It takes the whole set at once, and knows no order of arrival, no batch and no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

from energy_contracts.events import DeviceData

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
    """Return (energy, readings, covered hours) of each hour of a device's stored values."""
    if device.reading_kind == "cumulative":
        series = plausible(device, series)
    counts = Counter(hour_of(device, at) for at in series)
    energy: Counter[datetime] = Counter()
    covers: dict[datetime, int] = {}
    if device.reading_kind == "interval":
        for slot, value in slots(device, series).items():
            energy[hour_of(device, slot)] += value
            covers[hour_of(device, slot)] = 1
    for earlier, at in pairwise(sorted(series)):
        if device.reading_kind == "cumulative":
            hour = hour_of(device, at)
            energy[hour] += energy_between(device, series, earlier, at)
            covers[hour] = max(
                round((hour - hour_of(device, earlier)) / ONE_HOUR), covers.get(hour, 1)
            )
    return {hour: (energy[hour], counts[hour], covers[hour]) for hour in covers}


def energy_between(
    device: DeviceData, series: Mapping[datetime, int], earlier: datetime, at: datetime
) -> int:
    """Return the energy between two registers, 0 after a reset.

    A fall is a rollover only from the last tenth of the range to the first.
    """
    before, after = series[earlier], series[at]
    if after >= before:
        return after - before
    size = 10 ** (device.register_digits or 0) * 1_000_000
    rolled_over = device.register_digits and before >= size * 9 // 10 and after < size // 10
    energy = size - before + after
    return energy if rolled_over and not exceeds_power(device, energy, at - earlier) else 0


def exceeds_power(device: DeviceData, energy: int, time: timedelta) -> bool:
    power = device.max_power_kw
    return power is not None and energy > power * (time / ONE_HOUR) * 1_000_000


def plausible(device: DeviceData, series: Mapping[datetime, int]) -> dict[datetime, int]:
    """Return the registers without those whose neighbours, of the same month, agree without them.

    Of two outliers in a row the first is left out.
    """
    outliers = set()
    order = sorted(series)
    for earlier, at, later in zip(order, order[1:], order[2:], strict=False):
        low, value, high = series[earlier], series[at], series[later]
        if (earlier.year, earlier.month) != (later.year, later.month) or low > high:
            continue
        spike = value > high and exceeds_power(device, value - low, at - earlier)
        dip = value < low and exceeds_power(device, high - value, later - at)
        if spike or dip:
            outliers.add(at)
    left_out = {at for earlier, at in pairwise(order) if at in outliers and earlier not in outliers}
    return {at: value for at, value in series.items() if at not in left_out}


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
    """Return the measured energy of each hour, without that of gaps of a cumulative device."""
    if device.reading_kind == "interval":
        return {hour: energy for hour, (energy, *_) in hours(device, series).items()}
    series = plausible(device, series)
    energy: Counter[datetime] = Counter()
    for earlier, at in pairwise(sorted(series)):
        if hour_of(device, at) - hour_of(device, earlier) < 1.5 * ONE_HOUR:
            energy[hour_of(device, at)] += energy_between(device, series, earlier, at)
    return dict(energy)
