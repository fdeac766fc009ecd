"""The part of a series that changed registers decide on.

A walk through a series (`derivation.py`) passes at least one of any points in a row that are more
than five and last more than an hour, because an excursion is not longer. Walks that meet at a point
are the same from there on. So all walks that begin at such points meet at an *anchor*: a point that
counts, whatever was before. Anchors on both sides of the changed registers, found in points that
have not changed, count before and after the change, and nothing beyond them changes.

For example, registers every 15 minutes without a fall, and a new one at 12:10: walks from the
points 10:00 … 11:30 meet at 11:30, go on to 12:00, the last anchor before, and walks from 12:15 …
13:45 meet at 13:45. The hours from 12:00 until 14:00 are derived again, from 12:00 on.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from monitoring.calendar.clock import QUARTER_US, HourOfQuarter
from monitoring.registers.derivation import NEAR_REGISTERS, NEAR_US, next_step
from monitoring.registers.rules import ALWAYS_US, NEVER_US, Rules
from monitoring.registers.series import Series


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a series that is derived again, and what it replaces.

    `first`, `last`: positions of the points that count at its ends; None: the series ends there.
    Hours that begin in [hours_begin, hours_end), and spans that begin in [spans_begin, spans_end)
    follow from the points between.
    """

    first: int
    last: int | None
    hours_begin_us: int
    hours_end_us: int
    spans_begin_us: int
    spans_end_us: int


@dataclass(frozen=True, slots=True)
class Extent:
    """Whether the series has no points beyond those that were read."""

    is_begin: bool
    is_end: bool


class MoreBefore(Exception):
    """Earlier points are needed."""


class MoreAfter(Exception):
    """Later points are needed."""


def window_around(
    series: Series,
    rules: Rules,
    hours: HourOfQuarter,
    changed_us: tuple[int, int],
    extent: Extent,
) -> Window:
    """Return the window around the registers that changed, from the first instant to the last.

    Raises MoreBefore or MoreAfter if the points do not suffice.
    """
    first, spans_begin_us, hours_begin_us = _begin(series, rules, hours, changed_us[0], extent)
    last, spans_end_us, hours_end_us = _end(series, rules, hours, changed_us[1], extent)
    return Window(first, last, hours_begin_us, hours_end_us, spans_begin_us, spans_end_us)


def _begin(
    series: Series, rules: Rules, hours: HourOfQuarter, changed_us: int, extent: Extent
) -> tuple[int, int, int]:
    """Return the first position, the begin of the spans and the begin of the hours, in µs."""
    changed = position_at(series, changed_us)
    anchor = first_anchor(series, rules, 0, changed, is_begin=extent.is_begin)
    if anchor is None:
        if not extent.is_begin:
            raise MoreBefore
        return 0, ALWAYS_US, hours[(changed_us - 1) // QUARTER_US]
    passed = [anchor]
    while (step := next_step(series, rules, passed[-1])).seen <= changed:
        passed.append(step.position)
    hours_begin_us = hours[series.instants[passed[-1]] // QUARTER_US]
    before = [position for position in passed if series.instants[position] <= hours_begin_us]
    if before:
        return before[-1], series.instants[before[-1]], hours_begin_us
    if anchor == 0 and extent.is_begin:
        return 0, ALWAYS_US, hours_begin_us
    raise MoreBefore


def _end(
    series: Series, rules: Rules, hours: HourOfQuarter, changed_us: int, extent: Extent
) -> tuple[int | None, int, int]:
    """Return the last position, the end of the spans and the end of the hours, in µs."""
    size = len(series)
    anchor = first_anchor(series, rules, position_at(series, changed_us + 1), size)
    if anchor is None:
        if extent.is_end:
            return None, NEVER_US, NEVER_US
        raise MoreAfter
    hours_end_us = _hour_after(hours, series.instants[anchor] - 1)
    position = anchor
    while series.instants[position] < hours_end_us:
        step = next_step(series, rules, position)
        if step.seen > size:
            if extent.is_end:
                return None, NEVER_US, NEVER_US
            raise MoreAfter
        position = step.position
    return position, series.instants[position], hours_end_us


def _hour_after(hours: HourOfQuarter, at_us: int) -> int:
    """Return the begin of the first slot that is in a later clock hour than the instant."""
    slot = at_us // QUARTER_US
    hour_us = hours[slot]
    while hours[slot] == hour_us:
        slot += 1
    return slot * QUARTER_US


def position_at(series: Series, at_us: int) -> int:
    """Return the position of the first point at the instant or later."""
    return bisect_left(series.instants, at_us)


def first_anchor(
    series: Series, rules: Rules, begin: int, end: int, *, is_begin: bool = False
) -> int | None:
    """Return the first point in [begin, end) that all walks pass; None: the points do not tell.

    `is_begin`: whether the point at `begin` is the first of the series, which counts.
    """
    if begin >= end:
        return None
    if is_begin:
        return begin
    until_us = series.instants[begin] + NEAR_US
    after = max(begin + NEAR_REGISTERS + 2, bisect_right(series.instants, until_us, begin, end) + 1)
    if after > end:
        return None
    walks = list(range(begin, after))
    while True:
        position = heapq.heappop(walks)
        while walks and walks[0] == position:
            heapq.heappop(walks)
        if not walks:
            return position
        step = next_step(series, rules, position)
        if step.seen > end:
            return None
        heapq.heappush(walks, step.position)
