"""Plausible registers of a cumulative meter: the series without single wrong values.

One wrong register looks like a rise that nobody used, on the way up (1000.1, 999999.0, 1000.3) or
on the way back (1000.1, 0.0, 1000.3). If the device's power is known, a register is an outlier when
the registers before and after it agree without it, and its rise is more than the device can use in
that time. A rise that stays is plausible, however steep: a coarse register moves by a whole step at
once.

For example, with 3 kW and registers in kWh every 10 minutes: 100.0, 100.2, 900.0, 100.4, 100.6. The
rise from 100.2 to 900.0 would need 4,799 kW, and 100.2 to 100.4 is no fall, so 900.0 is an outlier.
100.4 is none, because its neighbours 900.0 and 100.6 do not agree without it either. The energy is
0.2 + 0.2 + 0.2 kWh.

A register is compared with its neighbours in the order of time, never of arrival, so a stored
register decides which hours change. All three are in one UTC month: hours never depend on readings
of another month, which retention may have dropped.
"""

from __future__ import annotations

from monitoring.calendar import clock
from monitoring.devices.cache import CachedDevice
from monitoring.storage.neighbours import Register, Window, window


def decision_window(device: CachedDevice) -> Window:
    """Return the neighbours that decide how much a register of the device adds to its hour."""
    return window(is_power_known=device.max_power_kw is not None)


def plausible_registers(device: CachedDevice, registers: list[Register]) -> list[Register]:
    """Return the registers, in the order of time, from which differences are taken.

    Of two outliers in a row only the earlier one is left out: the later one is compared with it,
    and is no outlier without it.
    """
    if device.max_power_kw is None:
        return registers
    triples = zip(registers, registers[1:], registers[2:], strict=False)
    is_outlier = [False, *(_is_outlier(device, *triple) for triple in triples), False]
    return [
        register
        for at, register in enumerate(registers)
        if not is_outlier[at] or (at > 0 and is_outlier[at - 1])
    ]


def _is_outlier(
    device: CachedDevice, before: Register, register: Register, after: Register
) -> bool:
    if not before.value <= after.value or before.value <= register.value <= after.value:
        return False
    rise = (before, register) if register.value > after.value else (register, after)
    energy = rise[1].value - rise[0].value
    return not device.can_use(energy, rise[1].at_us - rise[0].at_us) and (
        f"{clock.from_us(before.at_us):%Y-%m}" == f"{clock.from_us(after.at_us):%Y-%m}"
    )
