"""A cumulative meter's registers without the single wrong ones.

One wrong register makes a rise that nobody used: on the way up (1000.1, 999999.0, 1000.3) or on the
way back (1000.1, 0.0, 1000.3). With the device's power known, it is told from its neighbours in
the order of time: they agree without it, and its rise is more than the device can use in that time.
A rise that stays is believed, however steep: a coarse register moves by a whole step at once.

Each register is judged by those near it alone, never by the order in which they came, so that
whoever stores one knows which hours it changes. The three lie in one month (UTC): nothing in a
month depends on readings that another month's closing has dropped.
"""

from __future__ import annotations

from typing import NamedTuple

from monitoring.calendar import clock
from monitoring.devices.cache import KnownDevice
from monitoring.storage.neighbours import Register


class Reach(NamedTuple):
    """How many registers before and after it decide what a register adds to its hour."""

    before: int
    after: int


def reach(device: KnownDevice) -> Reach:
    """Without a known power only the one before, from which the difference is taken.

    With it, that one may be left out itself, for what its own neighbours are.
    """
    return Reach(1, 0) if device.max_power_kw is None else Reach(3, 1)


def believable(device: KnownDevice, registers: list[Register]) -> list[Register]:
    """Those of the registers, in order of time, from which differences are taken.

    Of two that contradict each other the earlier one is left out: never two in a row.
    """
    if device.max_power_kw is None:
        return registers
    threes = zip(registers, registers[1:], registers[2:], strict=False)
    doubted = [False, *(_contradicts(device, *three) for three in threes), False]
    return [
        register
        for at, register in enumerate(registers)
        if not doubted[at] or (at > 0 and doubted[at - 1])
    ]


def _contradicts(
    device: KnownDevice, before: Register, register: Register, after: Register
) -> bool:
    if not before.value <= after.value or before.value <= register.value <= after.value:
        return False
    rise = (before, register) if register.value > after.value else (register, after)
    energy = rise[1].value - rise[0].value
    return not device.can_use(energy, rise[1].at_us - rise[0].at_us) and (
        f"{clock.from_us(before.at_us):%Y-%m}" == f"{clock.from_us(after.at_us):%Y-%m}"
    )
