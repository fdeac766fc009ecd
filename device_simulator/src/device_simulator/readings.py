"""A reading and its exact JSON.

Energy is a whole number of milliwatt-hours (one millionth of a kWh, the sixth decimal) from the
file or the pattern to the wire: no binary fraction touches it, so 0.0307 kWh is sent as 0.0307.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation

#: Milliwatt-hours in a kWh; a reading on the wire has at most six decimals.
MWH_PER_KWH = 1_000_000

#: The platform's upper limit of one value, in milliwatt-hours (1,000,000,000 kWh).
MAX_VALUE_MWH = 1_000_000_000 * MWH_PER_KWH

#: Readings that one message may hold at most; the platform refuses a longer array.
MAX_READINGS_PER_MESSAGE = 1_000

# Stricter than Python, which also reads "1_000" and digits of other scripts as numbers.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)

# More digits than this cannot be inside the limits above; a trap, because rounding would change a
# measured value without a word.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


class ValueRefused(ValueError):
    """A measured value that cannot be sent exactly; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Energy used in the interval that began at `timestamp`, or a register's state then."""

    timestamp: datetime
    """UTC."""
    device_id: str
    """UUID in its canonical, lower-case form."""
    value_mwh: int
    """Milliwatt-hours."""

    def json(self) -> str:
        instant = self.timestamp.isoformat().replace("+00:00", "Z")
        return (
            f'{{"timestamp": "{instant}", "device_id": "{self.device_id}", '
            f'"measurement_value": {kwh_text(self.value_mwh)}}}'
        )


@dataclass(frozen=True, slots=True)
class Message:
    """What is published at once: the JSON of one reading, or of an array of them."""

    body: bytes
    readings: int
    message_id: str


def kwh_text(value_mwh: int) -> str:
    """The JSON number of an energy in kWh: 30700 -> "0.0307"."""
    whole, fraction = divmod(value_mwh, MWH_PER_KWH)
    return f"{whole}.{fraction:06d}".rstrip("0").rstrip(".") if fraction else str(whole)


def value_to_mwh(text: str, mwh_per_unit: int) -> int:
    """Read a measured value exactly: `text` is a decimal number of units of `mwh_per_unit` each.

    Raises ValueRefused for what is no number, is outside 0 to 1,000,000,000 kWh, or is finer than
    the sixth decimal of a kWh.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise ValueRefused("value is not a decimal number")
    try:
        value = _EXACT.multiply(_EXACT.create_decimal(text), Decimal(mwh_per_unit))
    except (Inexact, InvalidOperation):
        raise ValueRefused("value has more digits than can be sent") from None
    if value < 0:
        raise ValueRefused("value is negative")
    if value > MAX_VALUE_MWH:
        raise ValueRefused("value is above 1,000,000,000 kWh")
    if value != value.to_integral_value():
        raise ValueRefused("value has more than six decimals in kWh")
    return int(value)


def messages(readings: Iterable[Reading], batch: int) -> Iterator[Message]:
    """Pack readings in their order, `batch` to a message; a batch of one is a plain object."""
    pending: list[str] = []
    for reading in readings:
        pending.append(reading.json())
        if len(pending) >= batch:
            yield pack(pending)
            pending = []
    if pending:
        yield pack(pending)


def pack(bodies: list[str]) -> Message:
    """One message from the JSON texts of at least one reading."""
    text = bodies[0] if len(bodies) == 1 else "[" + ", ".join(bodies) + "]"
    return Message(body=text.encode(), readings=len(bodies), message_id=str(uuid.uuid4()))
