"""The configuration by which the registers of a device become energy.

Instants are microseconds since the epoch, energies and registers whole milliwatt-hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

from monitoring.calendar.clock import HOUR_US, to_us

#: Before and after every register.
ALWAYS_US = to_us(datetime(1900, 1, 1, tzinfo=UTC))
NEVER_US = to_us(datetime(2200, 1, 1, tzinfo=UTC))


class Jump(NamedTuple):
    """A rise between two registers, by which an administrator's decision is recognized."""

    begin_us: int
    end_us: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time within which registers are compared with each other: they are of one meter.

    `opening` and `closing`: values of the counter at the begin and at the end, if they are known:
    those that were read when the meter was mounted and removed, or those carried from a closed
    month, which are fractions if the meter has a multiplier. They replace a register at the same
    instant. `closing_since`: registers from then on that
    exceed `closing` do not count, because energy after the end was counted from `closing`.
    `meter_key`: registers that name another meter are not of this stretch.
    """

    begin_us: int = ALWAYS_US
    end_us: int = NEVER_US
    opening: int | Fraction | None = None
    closing: int | Fraction | None = None
    closing_since_us: int | None = None
    meter_key: int | None = None
    #: The value at which the counter begins at 0 again; None: unknown.
    wraps_at: int | None = None
    #: Energy of one unit of the counter.
    multiplier: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one device; `stretches` are in the order of time and do not overlap.

    A register at the instant at which one stretch ends and the next begins is of the earlier one.
    """

    interval_us: int
    #: The largest plausible energy of an hour; None: any rise is believed.
    max_power: int | None = None
    stretches: tuple[Stretch, ...] = (Stretch(),)
    #: Jumps that an administrator accepted.
    accepted: frozenset[Jump] = field(default=frozenset())

    @property
    def is_of_one_meter(self) -> bool:
        """Return whether all registers that name no meter, or the right one, are of one stretch."""
        (first, *others) = self.stretches
        plain = Stretch(meter_key=first.meter_key, wraps_at=first.wraps_at)
        return not others and first == plain

    @property
    def measured_us(self) -> int:
        """Return the longest time over which a difference counts as measured."""
        return max(HOUR_US, 2 * self.interval_us)

    def is_plausible(self, energy: int, duration_us: int) -> bool:
        """Return whether the device can use the energy in that time."""
        return self.max_power is None or energy * HOUR_US <= self.max_power * duration_us


class Carried(NamedTuple):
    """The value of the counter at a border of a closed month, where the month was cut off.

    `since_us`: at the begin of a closed month, the register before it from which energy was counted
    into the month; None: there was none, or the border is an end.
    """

    value: int | Fraction
    since_us: int | None = None


def cut(
    stretches: Iterable[Stretch],
    closed: Iterable[tuple[int, int]],
    carried: Mapping[int, Carried],
) -> Iterator[Stretch]:
    """Yield the stretches without closed months, which begin and end at carried values.

    `closed`: spans [begin, end) in the order of time. `carried`: by the instant of the border.
    Closed months without a carried value had no register of the device and do not cut.
    """
    for stretch in stretches:
        begin_us, opening = stretch.begin_us, stretch.opening
        for closed_us, open_us in closed:
            has_registers = closed_us in carried or open_us in carried
            if not has_registers or open_us <= begin_us or closed_us > stretch.end_us:
                continue
            if begin_us < closed_us:
                value, since_us = carried.get(closed_us, (None, None))
                yield replace(
                    stretch,
                    begin_us=begin_us,
                    opening=opening,
                    end_us=closed_us,
                    closing=value,
                    closing_since_us=since_us,
                )
            begin_us = open_us
            opening = carried[open_us].value if open_us in carried else None
        if begin_us < stretch.end_us:
            yield replace(stretch, begin_us=begin_us, opening=opening)
