"""What a set of readings must end as, written so that it can be seen to be right.

Slow and simple: it looks at the whole set at once, knows no order, no batch and no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
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


def hours(device: DeviceData, series: Mapping[datetime, int]) -> dict[datetime, tuple[int, ...]]:
    """(energy, readings, hours covered) of each hour of the values stored of one device."""
    zone = ZoneInfo(device.timezone)

    def hour_of(instant: datetime) -> datetime:
        return instant.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)

    counts = Counter(map(hour_of, series))
    energy: Counter[datetime] = Counter()
    covers: dict[datetime, int] = {}
    if device.reading_kind == "interval":
        for at, value in series.items():
            energy[hour_of(at)] += value
            covers[hour_of(at)] = 1
    for (then, before), (at, after) in pairwise(sorted(series.items())):
        if device.reading_kind == "cumulative":
            energy[hour_of(at)] += used(device, before, after)
            distance = (hour_of(at) - hour_of(then)) // ONE_HOUR
            covers[hour_of(at)] = max(distance, covers.get(hour_of(at), 1))
    return {hour: (energy[hour], counts[hour], covers[hour]) for hour in covers}


def used(device: DeviceData, before: int, after: int) -> int:
    """Between two registers; a fall is a rollover only from the last tenth to the first."""
    if after >= before:
        return after - before
    size = 10 ** (device.register_digits or 0) * 1_000_000
    rolled_over = device.register_digits and before >= size * 9 // 10 and after < size // 10
    return size - before + after if rolled_over else 0
