"""The value of a counter at the border of a month that is closed, and the energy on its sides.

For example, the registers around the end of April are 30 April 23:40 250.0 and 1 May 00:20 252.0:
half of the time between them is over at midnight, so the value carried from April is 251.0. The
registers of April are dropped; later registers of May count from 251.0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.calendar.slots import energy_until
from monitoring.devices.cache import CachedDevice
from monitoring.registers.derivation import Kind, next_step
from monitoring.registers.hours import rules_of
from monitoring.registers.rules import Stretch
from monitoring.registers.search import Search, run_all
from monitoring.registers.series import Series
from monitoring.registers.windows import Extent, MoreAfter, MoreBefore, first_anchor, position_at
from monitoring.storage.closed_months import ClosedMonths


@dataclass(frozen=True, slots=True)
class Point:
    """An instant in µs, the value of the counter then, and the stretch that the two are of.

    The value is multiplied by the multiplier of the stretch's meter.
    """

    at_us: int
    value: int
    stretch: Stretch


@dataclass(frozen=True, slots=True)
class Crossing:
    """The registers that count on both sides of a border, each None if there is none.

    `value`: that of the counter at the border, None if it is unknown. `energy`: what was used
    between the two, None if that is unknown. `is_span`: whether only the total is known.
    """

    before: Point | None
    after: Point | None
    value: int | None = None
    energy: int | None = None
    is_span: bool = False


def crossings(places: Sequence[tuple[CachedDevice, int]], closed: ClosedMonths) -> list[Crossing]:
    """Return what crosses each border, given as device and instant in µs."""
    searches: list[Search[Crossing]] = [
        Search(device, rules_of(device, closed), border_us, border_us)
        for device, border_us in places
    ]
    waiting = searches
    while waiting:
        run_all(waiting, _crossing)
        waiting = [search for search in waiting if search.result is None]
    return [search.result for search in searches if search.result is not None]


def _crossing(search: Search[Crossing], series: Series, extent: Extent) -> Crossing:
    border_us, size = search.first_us, len(series)
    border = position_at(series, border_us)
    position = first_anchor(series, search.rules, 0, border, is_begin=extent.is_begin)
    if position is None:
        if not extent.is_begin:
            raise MoreBefore
        return Crossing(None, _point(series, border) if border < size else None)
    while True:
        step = next_step(series, search.rules, position)
        if step.seen > size and not extent.is_end:
            raise MoreAfter
        if step.position >= border:
            break
        position = step.position
    before = _point(series, position)
    if step.position >= size:
        return Crossing(before, None)
    after = _point(series, step.position)
    if step.kind not in (Kind.RISE, Kind.ROLLOVER):
        return Crossing(before, after)
    until_border = energy_until(before.at_us, after.at_us, step.energy, border_us)
    value = before.value + until_border
    if step.kind is Kind.ROLLOVER:
        # From the end of the range on the counter shows the rest.
        size_of_range = before.value + step.energy - after.value
        value %= size_of_range
    is_span = after.at_us - before.at_us > search.rules.measured_us
    return Crossing(before, after, value, step.energy, is_span)


def _point(series: Series, position: int) -> Point:
    stretch = series.stretches[bisect_right(series.ends, position)]
    return Point(series.instants[position], series.values[position], stretch)
