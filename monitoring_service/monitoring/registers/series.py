"""The series of registers of a device, in stretches within which they are compared.

A stretch is the time of one meter without closed months. Its opening and closing values are points
of the series like registers. For example, a meter is replaced at 10:20, closing at 17077.4, opening
at 0.0, and the registers are 10:15 17077.3, 10:30 0.05: the points are 10:15 17077.3 and 10:20
17077.4 in one stretch, 10:20 0.0 and 10:30 0.05 in the next. No difference is taken between two
stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from monitoring.registers.rules import ALWAYS_US, NEVER_US, Rules, Stretch
from monitoring.storage.neighbours import Register


@dataclass(slots=True)
class Series:
    """Points in the order of time, as columns.

    `stretches`: those that have points; `ends`: for each of them the position after its last point.
    `is_reading`: false for an opening or a closing value. Values are multiplied by the multiplier
    of their meter.
    """

    instants: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    is_reading: list[bool] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.instants)


def series_of(
    registers: Sequence[Register],
    rules: Rules,
    begin_us: int = ALWAYS_US,
    end_us: int = NEVER_US,
) -> Series:
    """Return the points within [begin, end], where `registers` are all registers, in order."""
    series = Series()
    if rules.is_of_one_meter:
        (stretch,) = rules.stretches
        if stretch.meter_key is not None:
            registers = [
                register for register in registers if register[2] in (None, stretch.meter_key)
            ]
        _extend(series, stretch, registers)
        return series
    of_stretch = _by_stretch(registers, rules.stretches)
    for stretch, within in zip(rules.stretches, of_stretch, strict=True):
        points = [register for register in within if not _is_superseded(stretch, register)]
        has_opening = stretch.opening is not None and begin_us <= stretch.begin_us <= end_us
        has_closing = stretch.closing is not None and begin_us <= stretch.end_us <= end_us
        _extend(
            series,
            stretch,
            points,
            stretch.opening if has_opening else None,
            stretch.closing if has_closing else None,
        )
    return series


def _by_stretch(
    registers: Sequence[Register], stretches: Sequence[Stretch]
) -> list[list[Register]]:
    """Return the registers of each stretch; those of no stretch are left out.

    A register that names its meter is of a stretch of that meter, or of none.
    """
    of_stretch: list[list[Register]] = [[] for _ in stretches]
    first = 0
    for register in registers:
        while first < len(stretches) and stretches[first].end_us < register.at_us:
            first += 1
        # Two stretches contain the instant at which a meter is replaced.
        for position in range(first, min(first + 2, len(stretches))):
            stretch = stretches[position]
            is_of_meter = register.meter_key is None or register.meter_key == stretch.meter_key
            if stretch.begin_us <= register.at_us and (is_of_meter or stretch.meter_key is None):
                of_stretch[position].append(register)
                break
    return of_stretch


def _is_superseded(stretch: Stretch, register: Register) -> bool:
    """Return whether an opening or closing value counts in place of the register."""
    at_us, value, _ = register
    if at_us == stretch.begin_us and stretch.opening is not None:
        return True
    if stretch.closing is None:
        return False
    return at_us == stretch.end_us or (
        stretch.closing_since_us is not None
        and at_us >= stretch.closing_since_us
        and value > stretch.closing
    )


def _extend(
    series: Series,
    stretch: Stretch,
    points: Sequence[Register],
    opening: int | Fraction | None = None,
    closing: int | Fraction | None = None,
) -> None:
    """Add the points of a stretch as readings, between its opening and its closing value."""
    multiplier, first = stretch.multiplier, len(series)
    if opening is not None:
        series.instants.append(stretch.begin_us)
        series.values.append(scaled(opening, multiplier))
        series.is_reading.append(False)
    series.instants += [point.at_us for point in points]
    values = [point.value for point in points]
    if multiplier != 1:
        values = [scaled(value, multiplier) for value in values]
    series.values += values
    series.is_reading += [True] * len(points)
    if closing is not None:
        series.instants.append(stretch.end_us)
        series.values.append(scaled(closing, multiplier))
        series.is_reading.append(False)
    if len(series) > first:
        series.ends.append(len(series))
        series.stretches.append(stretch)


def scaled(value: int | Fraction, multiplier: Fraction) -> int:
    """Return the product as a whole number, rounded half up."""
    top = value.numerator * multiplier.numerator
    bottom = value.denominator * multiplier.denominator
    return (2 * top + bottom) // (2 * bottom)
