"""What a set of readings must end as, written so that it can be seen to be right.

Slow and simple: it looks at the whole set at once, knows no order, no batch and no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from energy_contracts.events import DeviceData

ONE_HOUR = timedelta(hours=1)


class Sent(NamedTuple):
    """A sound reading on its way; `value` in milliwatt-hours."""

    meter: str
    at: datetime
    value: int
    revision: int


def candidates(sent: Iterable[Sent]) -> dict[tuple[str, datetime], set[int]]:
    """What may be stored of each instant: the values at its highest revision.

    There is more than one only where meters contradict themselves; then the first to come stays.
    """
    found: dict[tuple[str, datetime], tuple[int, set[int]]] = {}
    for one in sorted(sent, key=lambda one: one.revision):
        revision, values = found.get((one.meter, one.at), (-1, set()))
        values = values if revision == one.revision else set()
        found[one.meter, one.at] = one.revision, values | {one.value}
    return {place: values for place, (_, values) in found.items()}


def conflicts(sent: Sequence[Sent], stored: Mapping[tuple[str, datetime], int]) -> tuple[int, int]:
    """How many readings at least, and at most, are refused because they contradict another.

    One at the highest revision always is; whether one below is seen before or after it was
    superseded depends on the order of arrival.
    """
    allowed = candidates(sent)
    at_least = sum(
        one.value in allowed[one.meter, one.at] and one.value != stored[one.meter, one.at]
        for one in sent
        if is_highest(one, sent)
    )
    values = Counter((one.meter, one.at, one.revision) for one in set(sent))
    below = sum(
        values[one.meter, one.at, one.revision] > 1 for one in sent if not is_highest(one, sent)
    )
    return at_least, at_least + below


def is_highest(one: Sent, sent: Iterable[Sent]) -> bool:
    return one.revision == max(
        other.revision for other in sent if (other.meter, other.at) == (one.meter, one.at)
    )


def hour_of(device: DeviceData, instant: datetime) -> datetime:
    """When the clock hour of the device's zone began."""
    local = instant.astimezone(ZoneInfo(device.timezone))
    return instant - timedelta(minutes=local.minute, seconds=local.second)


def hours(device: DeviceData, series: Mapping[datetime, int]) -> dict[datetime, tuple[int, ...]]:
    """(energy, readings, hours covered) of each hour of the values stored of one device."""
    if device.reading_kind == "cumulative":
        series = believed(device, series)
    counts = Counter(hour_of(device, at) for at in series)
    energy: Counter[datetime] = Counter()
    covers: dict[datetime, int] = {}
    if device.reading_kind == "interval":
        for at, value in series.items():
            energy[hour_of(device, at)] += value
            covers[hour_of(device, at)] = 1
    for then, at in pairwise(sorted(series)):
        if device.reading_kind == "cumulative":
            hour = hour_of(device, at)
            energy[hour] += used(device, series, then, at)
            covers[hour] = max(
                round((hour - hour_of(device, then)) / ONE_HOUR), covers.get(hour, 1)
            )
    return {hour: (energy[hour], counts[hour], covers[hour]) for hour in covers}


def used(device: DeviceData, series: Mapping[datetime, int], then: datetime, at: datetime) -> int:
    """Between two registers; a fall is a rollover only from the last tenth to the first."""
    before, after = series[then], series[at]
    if after >= before:
        return after - before
    size = 10 ** (device.register_digits or 0) * 1_000_000
    rolled_over = device.register_digits and before >= size * 9 // 10 and after < size // 10
    energy = size - before + after
    return energy if rolled_over and not beyond_power(device, energy, at - then) else 0


def beyond_power(device: DeviceData, energy: int, time: timedelta) -> bool:
    power = device.max_power_kw
    return power is not None and energy > power * (time / ONE_HOUR) * 1_000_000


def believed(device: DeviceData, series: Mapping[datetime, int]) -> dict[datetime, int]:
    """Without registers whose two neighbours, of the same month, agree without them.

    Of two in a row that contradict each other the first goes.
    """
    doubted = set()
    order = sorted(series)
    for then, at, later in zip(order, order[1:], order[2:], strict=False):
        low, value, high = series[then], series[at], series[later]
        if (then.year, then.month) != (later.year, later.month) or low > high:
            continue
        spike = value > high and beyond_power(device, value - low, at - then)
        dip = value < low and beyond_power(device, high - value, later - at)
        if spike or dip:
            doubted.add(at)
    gone = {at for then, at in pairwise(order) if at in doubted and then not in doubted}
    return {at: value for at, value in series.items() if at not in gone}
