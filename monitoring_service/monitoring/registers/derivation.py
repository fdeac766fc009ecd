"""Energy from registers: which registers count, and the differences between them.

Everything depends on the set of registers in the order of time, never on the order of their
arrival. Registers that count are walked through; each is compared with the last one that counted:

- A rise is the energy that was used between the two.
- A *glitch* is a fall that a single later step takes back by at least nine tenths, within five
  registers or an hour of the fall. The registers before that step do not count. For example, 35.5,
  0, 0, 35.5, 35.6: the zeros do not count, the energy is 0 + 0.1.
- Any other fall is a *rollover*, if the counter went from the last tenth of its range to the first
  and the device can use that much energy; or a *reset*: it goes on from the new value, and the
  energy before it is unknown. For example, 100.5, 100.3, 100.4, 100.5, 100.6: no step takes 0.18
  back, so 100.3 is a reset and 0.3 follow.
- A rise that the device cannot use is a *spike* if a register within five registers or an hour is
  back at the last value that counted, give or take a tenth of the rise; it does not count then. For
  example, 100.2, 900.0, 100.4 with 3 kW: 900.0 does not count. Otherwise it is a *jump*: it is held
  until an administrator accepts it, and the walk goes on from the new value.

All registers of one excursion (the time from the first register that does not count to the next
one that does) are within five registers or an hour of its first. So registers beyond that decide
nothing, and `windows.py` can derive a part of a series.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from monitoring.calendar.clock import HOUR_US
from monitoring.calendar.slots import Difference
from monitoring.registers.rules import Jump, Rules, Stretch
from monitoring.registers.series import Series, scaled

#: An excursion ends within this many registers or this time of its first register.
NEAR_REGISTERS, NEAR_US = 5, HOUR_US

#: A fall is a rollover only from the last tenth of the range of the counter to its first tenth.
ROLLOVER_SHARE = 10


class Kind(Enum):
    """The ways in which a register counts beside the last one that counted before it."""

    #: The first of its stretch.
    FIRST = auto()
    RISE = auto()
    ROLLOVER = auto()
    RESET = auto()
    #: A rise that the device cannot use, and that no administrator accepted.
    HELD = auto()


class Step(NamedTuple):
    """The step from a point that counts to the next one that does.

    `position`: of the next point, the length of the series if there is none. Points between do not
    count. `seen`: the decision depends on no point at this position or after it.
    """

    position: int
    kind: Kind
    energy: int
    seen: int


@dataclass(slots=True)
class Derivation:
    """The result of a walk through a series.

    `counted`: instants of the registers that count; `ignored`: of those that do not. `differences`
    are in the order of time and leave out resets and held jumps. `accepted`: jumps that count,
    because an administrator accepted them.
    """

    differences: list[Difference] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)
    ignored: list[int] = field(default_factory=list)
    resets: list[int] = field(default_factory=list)
    rollovers: list[int] = field(default_factory=list)
    held: list[Jump] = field(default_factory=list)
    accepted: list[Jump] = field(default_factory=list)


def derive(series: Series, rules: Rules, first: int = 0, last: int | None = None) -> Derivation:
    """Return what follows from the points from `first` to `last`.

    `first`, `last`: positions of points that count; None: the end of the series.
    """
    derivation = Derivation()
    end = len(series) if last is None else last + 1
    instants, values, is_reading = series.instants, series.values, series.is_reading
    measured_us, power = rules.measured_us, rules.max_power
    differences, counted = derivation.differences, derivation.counted
    position = first
    if first < end and is_reading[first]:
        counted.append(instants[first])
    for stretch_end in series.ends:
        while position < (stop := min(stretch_end, end)):
            at_us, following = instants[position], position + 1
            if following >= stop:
                # The last point of its stretch.
                position = following
                if position < end and is_reading[position]:
                    counted.append(instants[position])
                break
            energy, duration_us = values[following] - values[position], instants[following] - at_us
            # The same as `next_step`, whose call would take half of the time.
            if energy >= 0 and (power is None or energy * HOUR_US <= power * duration_us):
                differences.append(
                    Difference(at_us, at_us + duration_us, energy, duration_us <= measured_us)
                )
            else:
                step = next_step(series, rules, position)
                _note(derivation, series, rules, position, step)
                following = step.position
            if is_reading[following]:
                counted.append(instants[following])
            position = following
    return derivation


def _note(derivation: Derivation, series: Series, rules: Rules, position: int, step: Step) -> None:
    """Add a step to the derivation."""
    instants = series.instants
    begin_us, end_us = instants[position], instants[step.position]
    derivation.ignored += instants[position + 1 : step.position]
    jump = Jump(begin_us, end_us, series.values[position], series.values[step.position])
    if step.kind is Kind.HELD:
        derivation.held.append(jump)
        return
    if step.kind is Kind.RESET:
        derivation.resets.append(end_us)
        return
    if step.kind is Kind.ROLLOVER:
        derivation.rollovers.append(end_us)
    elif not rules.is_plausible(step.energy, end_us - begin_us):
        derivation.accepted.append(jump)
    is_measured = end_us - begin_us <= rules.measured_us
    derivation.differences.append(Difference(begin_us, end_us, step.energy, is_measured))


def next_step(series: Series, rules: Rules, position: int) -> Step:
    """Return the step from a point that counts to the next one that counts."""
    end = series.ends[bisect_right(series.ends, position)]
    first = position + 1
    if first >= end:
        return Step(first, Kind.FIRST, 0, first + 1)
    instants, values = series.instants, series.values
    at_us, last = instants[position], values[position]
    near = _near_end(series, first, end)
    candidate, seen = first, first + 1
    while True:
        change = values[candidate] - last
        if change >= 0 and rules.is_plausible(change, instants[candidate] - at_us):
            return Step(candidate, Kind.RISE, change, seen)
        search = _glitch_end if change < 0 else _spike_end
        back = search(values, last, candidate, near)
        if back is None:
            break
        candidate, seen = back, max(seen, back + 1)
    stretch = series.stretches[bisect_right(series.ends, position)]
    # The point at `near` shows that no nearer one follows.
    seen = max(seen, near + 1)
    if change < 0:
        energy = _rollover(stretch, last, values[candidate])
        if energy is None or not rules.is_plausible(energy, instants[candidate] - at_us):
            return Step(candidate, Kind.RESET, 0, seen)
        return Step(candidate, Kind.ROLLOVER, energy, seen)
    jump = Jump(at_us, instants[candidate], last, values[candidate])
    if jump in rules.accepted:
        return Step(candidate, Kind.RISE, change, seen)
    return Step(candidate, Kind.HELD, 0, seen)


def _near_end(series: Series, first: int, end: int) -> int:
    """Return the position after the points that can end an excursion that begins at `first`."""
    until_us = series.instants[first] + NEAR_US
    by_count = min(first + NEAR_REGISTERS + 1, end)
    return max(by_count, bisect_right(series.instants, until_us, first, end))


def _glitch_end(values: list[int], last: int, fallen: int, near: int) -> int | None:
    """Return the position whose single step takes back nine tenths of the fall to `fallen`.

    A step counts while the register is below `last`: after that nothing is left to take back.
    """
    fall = last - values[fallen]
    for position in range(fallen + 1, near):
        if 10 * (values[position] - values[position - 1]) >= 9 * fall:
            return position
        if values[position] >= last:
            return None
    return None


def _spike_end(values: list[int], last: int, risen: int, near: int) -> int | None:
    """Return the position that is back at `last`, or above it by a tenth of the rise at most."""
    rise = values[risen] - last
    for position in range(risen + 1, near):
        if 0 <= 10 * (values[position] - last) <= rise:
            return position
    return None


def _rollover(stretch: Stretch, before: int, after: int) -> int | None:
    """Return the energy of a fall from the end of the counter to its begin; None: it is none."""
    if stretch.wraps_at is None:
        return None
    size = scaled(stretch.wraps_at, stretch.multiplier)
    edge = size // ROLLOVER_SHARE
    if size - edge <= before < size and after < edge:
        return size - before + after
    return None
