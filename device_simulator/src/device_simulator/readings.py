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
from decimal import ROUND_HALF_EVEN, Context, Decimal

#: Milliwatt-hours in a kWh; a reading on the wire has at most six decimals.
MWH_PER_KWH = 1_000_000

#: The platform's upper limit of one value, in milliwatt-hours (1,000,000,000 kWh).
MAX_VALUE_MWH = 1_000_000_000 * MWH_PER_KWH

#: Most readings in one message; the platform rejects a longer array.
MAX_READINGS_PER_MESSAGE = 1_000

# Stricter than Python, which also reads "1_000" and digits of other scripts as numbers.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class ValueRejected(ValueError):
    """A measured value that cannot be sent; the message holds the reason."""


#: The channel of readings that name none: the device itself.
MAIN_CHANNEL = "main"
CHANNEL_CODE = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """Energy used in the interval that began at `timestamp`, or a register at that instant."""

    timestamp: datetime
    """UTC."""
    device_id: str
    """UUID in its canonical, lower-case form."""
    value_mwh: int
    """Milliwatt-hours; of a volume, millionths of a cubic metre."""
    channel: str = MAIN_CHANNEL

    def json(self) -> str:
        """Return the reading as the JSON of a message."""
        instant = self.timestamp.isoformat().replace("+00:00", "Z")
        channel = "" if self.channel == MAIN_CHANNEL else f', "channel": "{self.channel}"'
        return (
            f'{{"timestamp": "{instant}", "device_id": "{self.device_id}", '
            f'"measurement_value": {kwh_text(self.value_mwh)}{channel}}}'
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A message to publish: the JSON of one reading, or of an array of them."""

    body: bytes
    readings: int
    message_id: str


def kwh_text(value_mwh: int) -> str:
    """Return the JSON number of an energy in kWh: 30700 -> "0.0307"."""
    whole, fraction = divmod(value_mwh, MWH_PER_KWH)
    return f"{whole}.{fraction:06d}".rstrip("0").rstrip(".") if fraction else str(whole)


def value_to_mwh(text: str, mwh_per_unit: int) -> int:
    """Return a measured value in whole milliwatt-hours; `text` counts units of `mwh_per_unit` each.

    More decimals than a milliwatt-hour are rounded half to even, as the platform rounds them in
    messages. Raises ValueRejected for a text that is no number or that is outside 0 to
    1,000,000,000 kWh.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise ValueRejected("value is not a decimal number")
    number = Decimal(text)
    if number < 0:
        raise ValueRejected("value is negative")
    # Compared before it is multiplied: 1e999999999 must not become a number of that many digits.
    if number > MAX_VALUE_MWH // mwh_per_unit:
        raise ValueRejected("value is above 1,000,000,000 kWh")
    context = Context(prec=len(text) + 20, rounding=ROUND_HALF_EVEN)
    return int(context.multiply(number, Decimal(mwh_per_unit)).to_integral_value(ROUND_HALF_EVEN))


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
    """Return one message of the JSON texts of at least one reading."""
    text = bodies[0] if len(bodies) == 1 else "[" + ", ".join(bodies) + "]"
    return Message(body=text.encode(), readings=len(bodies), message_id=str(uuid.uuid4()))
