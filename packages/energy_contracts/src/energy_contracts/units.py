"""Energy: kWh with at most six decimals on the wire, whole milliwatt-hours inside.

Sums of integers are equal, not close; a binary float would make the last digit of a bill
depend on the order of its readings.
"""

from __future__ import annotations

#: One kWh in milliwatt-hours: the sixth decimal of a kWh is one milliwatt-hour.
MILLIWH_PER_KWH = 1_000_000

#: The largest energy (or register) one reading may carry, in kWh.
MAX_READING_KWH = 1_000_000_000.0


def milliwh_from_kwh(energy_kwh: float) -> int:
    """Whole milliwatt-hours of a kWh number read from JSON, exact for up to six decimals.

    The product is off by at most 2**-52 of itself, 0.23 mWh at `MAX_READING_KWH`, so rounding
    finds the intended integer. More decimals than six are rounded half-even: one milliwatt-hour
    is finer than any meter's resolution.
    """
    return round(energy_kwh * MILLIWH_PER_KWH)


def kwh_from_milliwh(energy_milliwh: int) -> float:
    """The JSON number for an energy; prints with at most six decimals below nine billion kWh.

    The nearest double of a decimal with up to 15 significant digits prints as that decimal.
    """
    return energy_milliwh / MILLIWH_PER_KWH
