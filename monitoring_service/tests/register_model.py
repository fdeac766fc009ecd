"""A model of the energy that follows from a set of registers, simple enough to check by eye.

It takes the rules word for word over the whole list in the order of time, in fractions, and knows
no window, no batch and no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

from energy_contracts.events import DeviceData, MountedMeter

HOUR, SLOT = timedelta(hours=1), timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Before and after every register.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Point = tuple[datetime, int]


class Used(NamedTuple):
    """Energy that was used in (begin, end]."""

    begin: datetime
    end: datetime
    energy: int


class Rise(NamedTuple):
    """A rise between two registers that the device cannot use."""

    begin: datetime
    end: datetime
    before: int
    after: int


class Walk(NamedTuple):
    """The energies between the registers that count, and the instants of these registers.

    `rises`: those that the device cannot use, whether they were accepted or not.
    """

    used: list[Used]
    counted: list[datetime]
    rises: list[Rise]


def walk(
    device: DeviceData,
    series: Mapping[datetime, int],
    names: Mapping[datetime, str | None] | None = None,
    accepted: Collection[Rise] = (),
) -> Walk:
    """Return what follows from the stored registers of a device, meter by meter.

    `names`: the serial numbers that registers name, by instant.
    """
    meters = device.meters or (
        MountedMeter(id=device.id, serial_number="", register_digits=device.register_digits),
    )
    result = Walk([], [], [])
    for meter in meters:
        begin, end = meter.mounted_at or FIRST, meter.removed_at or LAST
        own = {
            at: value
            for at, value in series.items()
            if (begin <= at <= end if name_at(names, at) else begin < at <= end)
            and name_at(names, at) in (None, meter.serial_number)
        }
        read = {at for at in own if at not in (begin, end)}
        for at, registers in ((begin, meter.opening), (end, meter.closing)):
            if "main" in registers:
                own[at] = int(registers["main"] * 1_000_000)
            elif at in own:
                read.add(at)
        energies = {at: times(value, meter) for at, value in own.items()}
        of_meter = walk_of_meter(device, end_of_register(device, meter), energies, accepted)
        result.used.extend(of_meter.used)
        result.rises.extend(of_meter.rises)
        result.counted.extend(at for at in of_meter.counted if at in read)
    return result


def name_at(names: Mapping[datetime, str | None] | None, at: datetime) -> str | None:
    return None if names is None else names.get(at)


def times(value: int | Fraction, meter: MountedMeter) -> int:
    return floor(value * Fraction(meter.multiplier) + Fraction(1, 2))


def end_of_register(device: DeviceData, meter: MountedMeter) -> int | None:
    """Return the energy at which the meter's register begins at 0 again, None if it is unknown."""
    if meter.register_digits is not None:
        return times(10**meter.register_digits * 1_000_000, meter)
    for channel in device.channels:
        if channel.code == "main" and channel.register_wraps_at is not None:
            return times(Fraction(channel.register_wraps_at) * 1_000_000, meter)
    return None


def walk_of_meter(
    device: DeviceData,
    size: int | None,
    series: Mapping[datetime, int],
    accepted: Collection[Rise],
) -> Walk:
    """Return what follows from the energies that one meter showed."""
    rest: list[Point] = sorted(series.items())
    result = Walk([], [at for at, _ in rest[:1]], [])
    while len(rest) > 1:
        (at, last), later = rest[0], rest[1:]
        place, energy = verdict(device, size, at, last, later)
        when, value = later[place]
        if value > last and energy is None:
            rise = Rise(at, when, last, value)
            result.rises.append(rise)
            if rise in accepted:
                energy = value - last
        if energy is not None:
            result.used.append(Used(at, when, energy))
        result.counted.append(when)
        rest = later[place:]
    return result


def verdict(
    device: DeviceData, size: int | None, at: datetime, last: int, later: Sequence[Point]
) -> tuple[int, int | None]:
    """Return the next register of `later` that counts, and the energy until it, None if unknown."""
    near = [i for i, (then, _) in enumerate(later) if i <= 5 or then - later[0][0] <= HOUR]
    place = 0
    while True:
        when, value = later[place]
        if value >= last and is_plausible(device, value - last, when - at):
            return place, value - last
        if value < last:
            back = [
                i
                for i in near
                if i > place
                and max(other for _, other in later[place:i]) < last
                and later[i][1] - later[i - 1][1] >= Fraction(9, 10) * (last - value)
            ]
        else:
            highest = last + Fraction(1, 10) * (value - last)
            back = [i for i in near if i > place and last <= later[i][1] <= highest]
        if not back:
            break
        place = back[0]
    if value > last or size is None:
        # Held, or a reset.
        return place, None
    if size > last >= Fraction(9, 10) * size and value < Fraction(1, 10) * size:
        energy = size - last + value
        if is_plausible(device, energy, when - at):
            return place, energy
    return place, None


def is_plausible(device: DeviceData, energy: int, time: timedelta) -> bool:
    power = device.max_power_kw
    return power is None or energy <= Fraction(power) * 1_000_000 * Fraction(time / HOUR)


def is_measured(device: DeviceData, used: Used) -> bool:
    longest = max(HOUR, 2 * timedelta(seconds=device.interval_seconds))
    return used.end - used.begin <= longest


def parts(used: Used) -> dict[datetime, int]:
    """Return the energy of each slot, by its start."""

    def until(border: datetime) -> int:
        share = Fraction((border - used.begin) / (used.end - used.begin))
        return floor(used.energy * min(max(share, Fraction(0)), Fraction(1)) + Fraction(1, 2))

    slot = used.begin - (used.begin - EPOCH) % SLOT
    energy: dict[datetime, int] = {}
    while slot < used.end:
        energy[slot] = until(slot + SLOT) - until(slot)
        slot += SLOT
    return energy


def hours(
    device: DeviceData,
    series: Mapping[datetime, int],
    names: Mapping[datetime, str | None] | None = None,
    accepted: Collection[Rise] = (),
) -> dict[datetime, tuple[int | None, ...]]:
    """Return the number of registers and the energies of the four quarters of each hour.

    An hour without measured energy is there if a register of it ends a span.
    """
    result = walk(device, series, names, accepted)
    energy: dict[datetime, list[int | None]] = {}
    for used in result.used:
        energy.setdefault(hour_until(device, used.end), [None] * 4)
        for slot, part in parts(used).items() if is_measured(device, used) else ():
            quarters = energy.setdefault(hour_of(device, slot), [None] * 4)
            number = (slot - hour_of(device, slot)) // SLOT
            quarters[number] = (quarters[number] or 0) + part
    counts = Counter(hour_until(device, at) for at in result.counted)
    return {
        hour: (counts[hour], *quarters)
        for hour, quarters in energy.items()
        if counts[hour] or any(quarter is not None for quarter in quarters)
    }


def spans(
    device: DeviceData,
    series: Mapping[datetime, int],
    names: Mapping[datetime, str | None] | None = None,
    accepted: Collection[Rise] = (),
) -> set[Used]:
    """Return the energy that is known only as the total of a longer time."""
    result = walk(device, series, names, accepted)
    return {used for used in result.used if not is_measured(device, used)}


def hour_of(device: DeviceData, instant: datetime) -> datetime:
    """Return the begin of the clock hour of the device's zone."""
    local = instant.astimezone(ZoneInfo(device.timezone))
    into_hour = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return instant - into_hour


def hour_until(device: DeviceData, instant: datetime) -> datetime:
    """Return the clock hour to which an instant belongs as an end."""
    return hour_of(device, instant - timedelta(microseconds=1))
