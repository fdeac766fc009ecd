"""A reading as a row to be stored, and the reasons to reject it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import msgspec

from energy_contracts.errors import ContractError, Reason
from energy_contracts.reading import Reading, RejectedReading
from energy_contracts.units import MILLIWH_PER_KWH, milliwh_from_kwh
from monitoring.calendar.clock import from_us
from monitoring.devices.cache import MAX_CHANNELS, CachedDevice
from monitoring.storage.closed_months import ClosedMonths

_DROPPED = "the raw readings of its month were dropped; it may be counted"
_NEGATIVE = "less than 0, and the channel {!r} has no negative_channel - at `$.measurement_value`"

#: Bits of an instant in microseconds, which is never before 1970.
INSTANT_BITS = 63


class ReadingRow(NamedTuple):
    """A reading of a cached channel; instants in microseconds since the epoch.

    `body` is the reading's own message, None for an element of an array. The value is negative only
    until the reading is split.
    """

    device: CachedDevice
    started_us: int
    value_milliwh: int
    revision: int
    reading: Reading
    body: bytes | None


def place_of(row: ReadingRow) -> int:
    """Return channel and instant as one integer; sorting integers takes half the time of pairs."""
    return row.device.key << INSTANT_BITS | row.started_us


def meter_key_of(row: ReadingRow) -> int | None:
    """Return the key of the meter that the reading names; None: it names none.

    Raises KeyError if the device has no such meter yet.
    """
    name = row.reading.meter
    return None if name is None else row.device.meters[name]


def split(row: ReadingRow, negative: CachedDevice) -> tuple[ReadingRow, ReadingRow]:
    """Return the row that counts a reading, and the zero of the other channel of its pair.

    A channel with a `negative_channel` and that channel receive a row for each reading, whatever
    its sign, so that a correction which changes the sign finds both. For example, -5 gives 5 to the
    negative channel and 0 to its own, and the correction 3 then gives them 0 and 3.
    """
    own = row._replace(value_milliwh=max(row.value_milliwh, 0))
    other = row._replace(device=negative, value_milliwh=max(-row.value_milliwh, 0))
    return (own, other) if row.value_milliwh >= 0 else (other, own)


def counts_reading(row: ReadingRow) -> bool:
    """Return whether the ledger counts the reading by this row, not by the other of its pair."""
    if row.value_milliwh:
        return True
    is_zero = milliwh_from_kwh(row.reading.measurement_value) == 0
    return is_zero and row.device.code == row.reading.channel


def reject(row: ReadingRow, reason: Reason, detail: str) -> RejectedReading:
    """Return the dead letter of a reading that is well formed but cannot be stored."""
    body = msgspec.json.encode(row.reading) if row.body is None else row.body
    return RejectedReading(body, ContractError(reason, detail))


def reject_conflict(row: ReadingRow) -> RejectedReading:
    """Return the dead letter of a second, different value or meter at the same revision.

    The program cannot decide which one is right; the first one stays.
    """
    detail = (
        f"another value came first at revision {row.revision}; "
        "a correction carries a higher revision"
    )
    return reject(row, Reason.CONFLICT, detail)


def unfit(row: ReadingRow, closed: ClosedMonths, latest_us: int) -> tuple[Reason, str] | None:
    """Return the reason to reject a reading, whatever is stored at its instant, or None.

    `latest_us`: the last instant that is not too far in the future.
    """
    device = row.device
    if row.started_us > latest_us:
        return Reason.IN_FUTURE, "more than 24 h in the future"
    if closed.spans and row.started_us in closed:
        return Reason.TOO_OLD, _DROPPED
    if device.deleted:
        return Reason.DEVICE_DELETED, "the device has been deleted"
    if device.is_excess:
        detail = (
            f"the device has {MAX_CHANNELS} other channels that nobody created - at `$.channel`"
        )
        return Reason.UNKNOWN_CHANNEL, detail
    if row.value_milliwh < 0 and device.negative_channel is None:
        # Counted with its sign, exported energy would lower the consumption.
        return Reason.OUT_OF_RANGE, _NEGATIVE.format(device.code)
    if not device.kind_is_known:
        return Reason.UNKNOWN_READING_KIND, "this release does not know the device's reading kind"
    if device.retired_us is not None and row.started_us >= device.retired_us:
        return Reason.DEVICE_RETIRED, f"the device was retired at {from_us(device.retired_us)}"
    return None


def implausible(row: ReadingRow) -> str | None:
    """Return the reason to reject a new reading of this value as implausible, or None.

    A value that is stored already is not checked again: a maximum that was set later does not turn
    a repeated message into an error.
    """
    device = row.device
    if device.max_value_milliwh is None or row.value_milliwh <= device.max_value_milliwh:
        return None
    if device.cumulative:
        end = Decimal(device.max_value_milliwh + 1) / MILLIWH_PER_KWH
        digits = end.adjusted()
        if end == 10**digits:
            return f"more than a register of {digits} digits shows"
        return f"more than a register shows that begins at 0 again at {end:f}"
    return f"more than {device.max_power_kw} kW over its interval"
