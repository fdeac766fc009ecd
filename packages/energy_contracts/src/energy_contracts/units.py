"""Energy: kWh with at most six decimals on the wire, whole milliwatt-hours inside.

Sums of integers are exact. With binary floats the last digit of a bill would depend on the order
of its readings.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

#: One kWh in milliwatt-hours: the sixth decimal of a kWh is one milliwatt-hour.
MILLIWH_PER_KWH = 1_000_000

#: Quantities that are measured in m³; all others are energy in kWh. A millionth of either is what
#: this module calls a milliwatt-hour.
_IN_CUBIC_METRES = frozenset({"gas", "water"})


def unit_of(quantity: str) -> str:
    """Return the unit of a quantity: m³ of gas and water, kWh of all others."""
    return "m³" if quantity in _IN_CUBIC_METRES else "kWh"


#: The largest energy (or register) one reading may carry, in kWh.
MAX_READING_KWH = 1_000_000_000.0


#: Distance from a whole number, in mWh, below which a product is that number: the product of a
#: value with up to six decimals is off by at most 2**-52 of itself, 0.23 mWh at `MAX_READING_KWH`.
SURELY_WHOLE = 0.25


def milliwh_from_kwh(energy_kwh: float | Decimal) -> int:
    """Return whole milliwatt-hours of a kWh number as JSON readers see it: a double.

    More than six decimals are rounded half-even, as the number is written in decimals, so 1.0000005
    is 1,000,000 mWh and 1.0000015 is 1,000,002. Files and messages share this function: a file's
    `Decimal` becomes a double first, as a message's number is one.
    """
    product = float(energy_kwh) * MILLIWH_PER_KWH
    nearest = round(product)
    if -SURELY_WHOLE < product - nearest < SURELY_WHOLE:
        return nearest
    # Near a tie the double's error would decide.
    written = Decimal(repr(float(energy_kwh))) * MILLIWH_PER_KWH
    return int(written.to_integral_value(ROUND_HALF_EVEN))


def exact_milliwh(energy: Decimal) -> int:
    """Return whole milliwatt-hours of a decimal, rounded half-even like `milliwh_from_kwh`."""
    return int((energy * MILLIWH_PER_KWH).to_integral_value(ROUND_HALF_EVEN))


#: Digits that a decimal may have so that its nearest double prints as that decimal.
_DOUBLE_DIGITS = 15


def kwh_from_milliwh(energy_milliwh: int) -> float | Decimal:
    """Return the JSON number for an energy: exact, with at least one and at most six decimals.

    It is a double where that prints as the decimal, else a `Decimal`, which the JSON encoder must
    write as a number.
    """
    if abs(energy_milliwh) < 10**_DOUBLE_DIGITS:
        return energy_milliwh / MILLIWH_PER_KWH
    sign = "-" if energy_milliwh < 0 else ""
    whole, rest = divmod(abs(energy_milliwh), MILLIWH_PER_KWH)
    decimals = f"{rest:06}".rstrip("0") or "0"
    return Decimal(f"{sign}{whole}.{decimals}")
