"""Reduce a batch to at most one row for each channel and instant, before any database access.

A reading of a channel with a `negative_channel` gives a row to both (`rows.split`).

Pure functions: the same messages and devices give the same result in any process. The loops run
once for each reading and bound the speed of ingest, so they avoid calls and constructors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.reading import Reading, RejectedReading, parse_readings
from energy_contracts.units import MILLIWH_PER_KWH, SURELY_WHOLE, milliwh_from_kwh
from monitoring.devices.cache import CachedDevice
from monitoring.ingest.rows import (
    INSTANT_BITS,
    ReadingRow,
    counts_reading,
    implausible,
    place_of,
    reject,
    split,
    unfit,
)
from monitoring.storage.closed_months import ClosedMonths

#: Microseconds by which the clock of a meter may be ahead of the server's.
MAX_AHEAD_US = 24 * 3600 * 1_000_000

# A named tuple's own constructor costs three times as much as this.
_new_row = tuple.__new__


@dataclass(slots=True)
class DistinctReadings:
    """A batch with at most one row for each place, a channel and instant as one integer.

    `rows`: the reading with the highest revision of each place, in the order of the places.
    `contested`: all readings, in their order, of each place with several or with an implausible
    one. Whether each of them is stored, a duplicate, or rejected depends on the reading that the
    database has there, so the commit decides. `uncounted`: the number of `rows` that are zeros of
    readings which another row counts.
    """

    rows: list[ReadingRow] = field(default_factory=list)
    contested: dict[int, list[ReadingRow]] = field(default_factory=dict)
    rejected: list[RejectedReading] = field(default_factory=list)
    received: int = 0
    duplicates: int = 0
    uncounted: int = 0


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
    devices: Mapping[int, CachedDevice],
    closed: ClosedMonths,
    now_us: int,
) -> DistinctReadings:
    """Return the readings that may be stored, the highest revision of each channel and instant.

    `rejected` are those that parsing rejected; the result repeats them. Raises KeyError for a
    device that is not among `devices`, and for a channel that it does not have there.
    """
    distinct = DistinctReadings(rejected=list(rejected), received=len(readings) + len(rejected))
    latest_us = now_us + MAX_AHEAD_US
    any_closed = bool(closed.spans)
    best: dict[int, ReadingRow] = {}
    contested = distinct.contested
    new_row, main_channel, has_pairs = _new_row, MAIN_CHANNEL, False
    for reading, body in readings:
        device = devices[reading.device_id.int]
        if reading.channel != main_channel:
            device = device.channels[reading.channel]
        # Exact: a double holds the microseconds of this century to a quarter of one.
        started_us = round(reading.timestamp.timestamp() * 1_000_000)
        # The same as `milliwh_from_kwh`, whose call would take a tenth of the loop's time.
        product = reading.measurement_value * MILLIWH_PER_KWH
        value = round(product)
        if not -SURELY_WHOLE < product - value < SURELY_WHOLE:
            value = milliwh_from_kwh(reading.measurement_value)
        row = new_row(ReadingRow, (device, started_us, value, reading.revision, reading, body))
        is_checked = started_us > latest_us or any_closed or value < 0 or device.guarded
        if is_checked and _count_unfit(distinct, row, closed, latest_us):
            continue
        if device.guarded:
            if device.negative_channel is not None:
                has_pairs = True
                _add_pair(distinct, best, row, devices[reading.device_id.int])
                continue
            if implausible(row) is not None:
                _contest(distinct, best, row)
                continue
        # `place_of`, without its call.
        place = device.key << INSTANT_BITS | started_us
        if place in best or place in contested:
            _add(distinct, best, row)
        else:
            best[place] = row
    distinct.rows = [best[place] for place in sorted(best)]
    if has_pairs:
        distinct.uncounted = sum(not counts_reading(row) for row in distinct.rows)
    return distinct


def _add(distinct: DistinctReadings, best: dict[int, ReadingRow], row: ReadingRow) -> None:
    """Add a row to `best`, and to the contested ones if there are others of its place."""
    place = place_of(row)
    other = best.setdefault(place, row)
    if other is row:
        if place in distinct.contested:
            distinct.contested[place].append(row)
        return
    distinct.contested.setdefault(place, [other]).append(row)
    if row.revision > other.revision:
        best[place] = row


def _contest(distinct: DistinctReadings, best: dict[int, ReadingRow], row: ReadingRow) -> None:
    """Add an implausible row to the contested ones alone: it may be a duplicate."""
    place = place_of(row)
    distinct.contested.setdefault(place, [best[place]] if place in best else []).append(row)


def _add_pair(
    distinct: DistinctReadings, best: dict[int, ReadingRow], row: ReadingRow, main: CachedDevice
) -> None:
    """Add the two rows of a reading whose channel has a negative one; `main`: of their device."""
    code = row.device.negative_channel
    counted, zero = split(row, main if code in (None, main.code) else main.channels[code])
    if _is_removed(counted):
        distinct.duplicates += 1
    elif implausible(counted) is not None:
        _contest(distinct, best, counted)
        return
    else:
        _add(distinct, best, counted)
    if not _is_removed(zero):
        _add(distinct, best, zero)


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
    if row.device.negative_channel is None and _is_removed(row):
        distinct.duplicates += 1
        return True
    return False


def _is_removed(row: ReadingRow) -> bool:
    return row.revision <= row.device.removed.get(row.started_us, -1)
