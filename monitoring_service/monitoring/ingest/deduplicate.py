"""Reducing a batch to at most one reading a (device, instant), before the database sees it.

Pure: the same messages and devices give the same result in any process. The loops here run once a
reading and bound the speed of ingest; they are written for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from energy_contracts.errors import ContractError, Reason
from energy_contracts.reading import Reading, RejectedReading, parse_readings
from energy_contracts.units import MILLIWH_PER_KWH, SURELY_WHOLE, milliwh_from_kwh
from monitoring.calendar.clock import QUARTER_US, from_us
from monitoring.devices.cache import KnownDevice
from monitoring.ledger.services import Counts
from monitoring.storage.closed_months import ClosedMonths

#: How far ahead of ours a meter's clock may be, in microseconds.
MAX_AHEAD_US = 24 * 3600 * 1_000_000

#: Bits of an instant in microseconds, which is never before 1970.
INSTANT_BITS = 63


class Row(NamedTuple):
    """A reading on its way into the table; `body` is its message, None for a part of an array."""

    device: KnownDevice
    started_us: int
    value_milliwh: int
    revision: int
    reading: Reading
    body: bytes | None


@dataclass(slots=True)
class Folded:
    """What is left of a batch, and the account so far.

    `rows` holds what would be stored of each instant. `contested` holds, by device and instant, all
    readings of an instant in their order, where there are several or one is implausible: what is
    to be counted of each shows when the stored reading is known.
    """

    rows: list[Row] = field(default_factory=list)
    contested: dict[int, list[Row]] = field(default_factory=dict)
    refused: list[RejectedReading] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def refuse(row: Row, reason: Reason, detail: str) -> RejectedReading:
    """The dead letter of a reading that was understood but cannot be stored."""
    body = msgspec.json.encode(row.reading) if row.body is None else row.body
    return RejectedReading(body, ContractError(reason, detail))


def parse(bodies: list[bytes]) -> tuple[list[tuple[Reading, bytes | None]], list[RejectedReading]]:
    """Every reading of a batch beside the message that held it alone, and the refused elements."""
    readings: list[tuple[Reading, bytes | None]] = []
    refused: list[RejectedReading] = []
    for body in bodies:
        # An array may begin with blanks: as the dead letter of one element it would count again.
        alone = body if body[:1] == b"{" else None
        for reading in parse_readings(body):
            if reading.__class__ is Reading:
                readings.append((reading, alone))
            else:
                refused.append(reading)  # type: ignore[arg-type]  # the other of two classes
    return readings, refused


def fold(
    readings: list[tuple[Reading, bytes | None]],
    refused: list[RejectedReading],
    devices: dict[int, KnownDevice],
    closed: ClosedMonths,
    now_us: int,
) -> Folded:
    """Keep the highest revision of each reading that can be stored, in the order of their key.

    Raises KeyError for a device that is not among `devices`.
    """
    folded = Folded(refused=list(refused), counts=Counts(received=len(readings) + len(refused)))
    latest_us = now_us + MAX_AHEAD_US
    any_closed = bool(closed.spans)
    kept: dict[int, Row] = {}
    contested = folded.contested
    make = tuple.__new__  # a third of what the class's own constructor costs
    for reading, body in readings:
        device = devices[reading.device_id.int]
        # Exact: a double holds microseconds of this century to a quarter of one.
        started_us = round(reading.timestamp.timestamp() * 1_000_000)
        # `milliwh_from_kwh`, but for the call: one a reading takes a tenth of the loop.
        product = reading.measurement_value * MILLIWH_PER_KWH
        value = round(product)
        if not -SURELY_WHOLE < product - value < SURELY_WHOLE:
            value = milliwh_from_kwh(reading.measurement_value)
        row = make(Row, (device, started_us, value, reading.revision, reading, body))
        if started_us > latest_us or any_closed or device.guarded:
            unfit = _unfit(row, closed, latest_us)
            if unfit is not None:
                folded.refused.append(refuse(row, *unfit))
                continue
            if row.revision <= device.removed.get(started_us, -1):
                folded.counts.duplicates += 1
                continue
        place = device.key << INSTANT_BITS | started_us
        if device.guarded and implausible(row) is not None:
            contested.setdefault(place, [kept[place]] if place in kept else []).append(row)
            continue
        other = kept.setdefault(place, row)
        if other is row:
            if contested and place in contested:
                contested[place].append(row)
            continue
        contested.setdefault(place, [other]).append(row)
        if row.revision > other.revision:
            kept[place] = row
    folded.rows = [kept[place] for place in sorted(kept)]
    return folded


def _unfit(row: Row, closed: ClosedMonths, latest_us: int) -> tuple[Reason, str] | None:
    """Why the reading cannot be stored, whatever else is known of its instant."""
    device = row.device
    if row.started_us > latest_us:
        return Reason.IN_FUTURE, "more than 24 h in the future"
    if closed.spans and is_counted(row.device, row.started_us, closed):
        return Reason.TOO_OLD, "the raw readings of its month were dropped; it may be counted"
    if device.deleted:
        return Reason.DEVICE_DELETED, "the device has been deleted"
    if not device.kind_is_known:
        return Reason.UNKNOWN_READING_KIND, "this release does not know the device's reading kind"
    if device.retired_us is not None and row.started_us >= device.retired_us:
        return Reason.DEVICE_RETIRED, f"the device was retired at {from_us(device.retired_us)}"
    return None


def implausible(row: Row) -> str | None:
    """Return why the value cannot be believed if it is new; None if it can.

    What is stored is judged no more: a limit that was set since makes no repetition wrong.
    """
    device = row.device
    if device.max_value_milliwh is None or row.value_milliwh <= device.max_value_milliwh:
        return None
    if device.cumulative:
        return f"more than a register of {device.register_digits} digits shows"
    return f"more than {device.max_power_kw} kW over its interval"


def place_of(row: Row) -> int:
    """Return device and instant as one integer: it sorts in half the time of a pair."""
    return row.device.key << INSTANT_BITS | row.started_us


def is_counted(device: KnownDevice, at_us: int, closed: ClosedMonths) -> bool:
    """Return whether hours that change no more may hold the energy of a reading at that instant."""
    if at_us in closed or any(begin <= at_us < end for begin, end in device.counted):
        return True
    # A register of an hour that lost a part of itself would move its neighbours' differences alone.
    return device.cumulative and closed.touch(device.hours[at_us // QUARTER_US])


def conflict(row: Row) -> RejectedReading:
    """A second, different value at the same revision: which is right cannot be decided here."""
    detail = (
        f"another value came first at revision {row.revision}; "
        "a correction carries a higher revision"
    )
    return refuse(row, Reason.CONFLICT, detail)
