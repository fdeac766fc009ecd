"""Reduce a batch to at most one reading for each device and instant, before any database access.

Pure functions: the same messages and devices give the same result in any process. The loops run
once for each reading and bound the speed of ingest, so they avoid calls and constructors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.reading import Reading, RejectedReading, parse_readings
from energy_contracts.units import MILLIWH_PER_KWH, SURELY_WHOLE, milliwh_from_kwh
from monitoring.devices.cache import CachedDevice
from monitoring.ingest.rows import INSTANT_BITS, ReadingRow, implausible, reject, unfit
from monitoring.storage.closed_months import ClosedMonths

#: Microseconds by which the clock of a meter may be ahead of the server's.
MAX_AHEAD_US = 24 * 3600 * 1_000_000

# A named tuple's own constructor costs three times as much as this.
_new_row = tuple.__new__


@dataclass(slots=True)
class DistinctReadings:
    """A batch with at most one reading for each place, a device and instant as one integer.

    `rows`: the reading with the highest revision of each place, in the order of the places.
    `contested`: all readings, in their order, of each place with several or with an implausible
    one. Whether each of them is stored, a duplicate, or rejected depends on the reading that the
    database has there, so the commit decides.
    """

    rows: list[ReadingRow] = field(default_factory=list)
    contested: dict[int, list[ReadingRow]] = field(default_factory=dict)
    rejected: list[RejectedReading] = field(default_factory=list)
    received: int = 0
    duplicates: int = 0


def parse(bodies: list[bytes]) -> tuple[list[tuple[Reading, bytes | None]], list[RejectedReading]]:
    """Return the readings of the messages, and the elements that are no readings.

    Each reading is paired with its message, or with None if the message is an array.
    """
    readings: list[tuple[Reading, bytes | None]] = []
    rejected: list[RejectedReading] = []
    for body in bodies:
        # An array may begin with blanks. As the dead letter of one of its elements, the whole array
        # would be counted again when that letter is replayed.
        own_body = body if body[:1] == b"{" else None
        for reading in parse_readings(body):
            if reading.__class__ is Reading:
                readings.append((reading, own_body))
            else:
                rejected.append(reading)  # type: ignore[arg-type]  # the other of two classes
    return readings, rejected


def deduplicate(
    readings: list[tuple[Reading, bytes | None]],
    rejected: list[RejectedReading],
    devices: dict[int, CachedDevice],
    closed: ClosedMonths,
    now_us: int,
) -> DistinctReadings:
    """Return the readings that may be stored, the highest revision of each device and instant.

    `rejected` are those that parsing rejected; the result repeats them. Raises KeyError for a
    device that is not among `devices`.
    """
    distinct = DistinctReadings(rejected=list(rejected), received=len(readings) + len(rejected))
    latest_us = now_us + MAX_AHEAD_US
    any_closed = bool(closed.spans)
    best: dict[int, ReadingRow] = {}
    contested = distinct.contested
    new_row, main_channel = _new_row, MAIN_CHANNEL
    for reading, body in readings:
        device = devices[reading.device_id.int]
        # Exact: a double holds the microseconds of this century to a quarter of one.
        started_us = round(reading.timestamp.timestamp() * 1_000_000)
        # The same as `milliwh_from_kwh`, whose call would take a tenth of the loop's time.
        product = reading.measurement_value * MILLIWH_PER_KWH
        value = round(product)
        if not -SURELY_WHOLE < product - value < SURELY_WHOLE:
            value = milliwh_from_kwh(reading.measurement_value)
        row = new_row(ReadingRow, (device, started_us, value, reading.revision, reading, body))
        is_checked = started_us > latest_us or any_closed or device.guarded
        is_checked = is_checked or reading.channel != main_channel
        if is_checked and _count_unfit(distinct, row, closed, latest_us):
            continue
        # `place_of`, without its call.
        place = device.key << INSTANT_BITS | started_us
        if device.guarded and implausible(row) is not None:
            contested.setdefault(place, [best[place]] if place in best else []).append(row)
            continue
        other = best.setdefault(place, row)
        if other is row:
            if contested and place in contested:
                contested[place].append(row)
            continue
        contested.setdefault(place, [other]).append(row)
        if row.revision > other.revision:
            best[place] = row
    distinct.rows = [best[place] for place in sorted(best)]
    return distinct


def _count_unfit(
    distinct: DistinctReadings, row: ReadingRow, closed: ClosedMonths, latest_us: int
) -> bool:
    """Count a reading that may not be stored as rejected or duplicate; return whether it is one.

    `latest_us`: the last instant that is not too far in the future.
    """
    reason = unfit(row, closed, latest_us)
    if reason is not None:
        distinct.rejected.append(reject(row, *reason))
        return True
    if row.revision <= row.device.removed.get(row.started_us, -1):
        distinct.duplicates += 1
        return True
    return False
