"""Slots, the quarters of an hour in which energy is kept, and the division of energy over them.

The grid of slots is that of the UTC quarters, of which the hours of every zone are made. Instants
are microseconds since the epoch, energies whole milliwatt-hours.

Energy of a longer time is spread evenly: the energy up to a border is in proportion to time,
rounded half up, and a part is the difference of two such values, so the parts always add up to the
whole. For example, 2 kWh (2,000,000) from 09:00:13 to 10:00:13: 3,587 of 3,600 seconds are over at
10:00, so 1,992,778 belong to the hour 09:00 and the remaining 7,222 to the slot 10:00.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from monitoring.calendar.clock import QUARTER_US, HourOfQuarter

#: An interval of at most this many seconds belongs to the slot in which it begins.
SLOT_SECONDS = 900

#: An interval of more than this many seconds is a span.
LONGEST_DIVIDED_SECONDS = 3600


class Part(NamedTuple):
    """The energy of a difference or reading that belongs to one slot, by the slot's start."""

    slot_us: int
    energy_milliwh: int


class Difference(NamedTuple):
    """Energy that was used after `begin_us` and until `end_us`.

    `is_measured`: its parts count as measured energy of their slots; if not, it is a span, of which
    only the total is known.
    """

    begin_us: int
    end_us: int
    energy_milliwh: int
    is_measured: bool


def energy_until(begin_us: int, end_us: int, energy_milliwh: int, border_us: int) -> int:
    """Return the energy from the begin until a border, rounded half up.

    Borders before the begin or after the end count as the begin and the end. Requires: the begin is
    before the end.
    """
    if border_us >= end_us:
        return energy_milliwh
    if border_us <= begin_us:
        return 0
    length = end_us - begin_us
    return (energy_milliwh * (border_us - begin_us) * 2 + length) // (2 * length)


def energy_within(
    begin_us: int, end_us: int, energy_milliwh: int, from_us: int, until_us: int
) -> int:
    """Return the part of the energy of (begin, end] that belongs to (from, until]."""
    return energy_until(begin_us, end_us, energy_milliwh, until_us) - energy_until(
        begin_us, end_us, energy_milliwh, from_us
    )


def divide(begin_us: int, end_us: int, energy_milliwh: int) -> Iterator[Part]:
    """Yield the part of each slot that the time (begin, end] touches, in the order of time.

    The end belongs to the slot before it: energy until 09:00 is energy of the slot 08:45. Parts may
    be 0, where less than half a milliwatt-hour was used. Requires: the begin is before the end.
    """
    slot_us = begin_us - begin_us % QUARTER_US
    before = 0
    while slot_us < end_us:
        border_us = slot_us + QUARTER_US
        until = energy_until(begin_us, end_us, energy_milliwh, border_us)
        yield Part(slot_us, until - before)
        before, slot_us = until, border_us


def slot_bounds(hours: HourOfQuarter, begin_us: int, end_us: int) -> tuple[int, int]:
    """Return begin and end of the slots of the clock hours that begin in [begin, end)."""
    return _first_slot(hours, begin_us), _first_slot(hours, end_us)


def _first_slot(hours: HourOfQuarter, instant_us: int) -> int:
    """Return the first slot of the first clock hour that begins at the instant or later."""
    quarter = instant_us // QUARTER_US
    while hours[quarter] < instant_us:
        quarter += 1
    return quarter * QUARTER_US
