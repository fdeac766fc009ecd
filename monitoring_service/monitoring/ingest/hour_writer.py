"""Bring hours in line with the readings that a batch stored or an administrator removed.

Hours of interval devices grow by sums; hours of cumulative devices are derived from their registers
again (`monitoring.registers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from monitoring.calendar.clock import QUARTER_US, from_us
from monitoring.ingest.rows import ReadingRow
from monitoring.registers import hours as register_hours
from monitoring.registers.hours import ChangedRegister
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.neighbours import register_months_note
from monitoring.storage.sql import array


class HourState(NamedTuple):
    """An hour after a change, with its start in µs; an hour of 0 readings no longer has a row."""

    device_key: int
    start_us: int
    energy_milliwh: int
    reading_count: int
    covers_hours: int


# Only hours that are pushed or may exceed a limit are returned: at full speed, fetching all of them
# would cost more time than adding to them.
_ADD = """
WITH changed AS (
    INSERT INTO hour (device_key, start, energy_milliwh, reading_count, covers_hours)
    SELECT device_key, to_timestamp(start_us / 1e6::float8), energy_milliwh, reading_count, 1
    FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[])
        AS i (device_key, start_us, energy_milliwh, reading_count)
    ON CONFLICT (device_key, start) DO UPDATE SET
        energy_milliwh = hour.energy_milliwh + excluded.energy_milliwh,
        reading_count = hour.reading_count + excluded.reading_count
    RETURNING device_key, start, energy_milliwh, reading_count, covers_hours
)
SELECT device_key, extract(epoch FROM start)::bigint * 1000000, energy_milliwh, reading_count,
       covers_hours
FROM changed WHERE energy_milliwh > %s OR device_key = ANY(%s::integer[])
"""

_DELETE = """
DELETE FROM hour USING unnest(%s::integer[], %s::bigint[]) AS i (device_key, start_us)
WHERE hour.device_key = i.device_key AND hour.start = to_timestamp(i.start_us / 1e6::float8)
"""

_SUBTRACT = """
UPDATE hour SET energy_milliwh = energy_milliwh - %s, reading_count = reading_count - 1
WHERE device_key = %s AND start = %s RETURNING energy_milliwh, reading_count
"""

_DELETE_EMPTY = "DELETE FROM hour WHERE device_key = %s AND start = %s AND reading_count = 0"

#: More than any hour's energy.
_NO_LIMIT = 2**63 - 1


@dataclass(slots=True)
class HourSums:
    """The sums that a batch adds to hours of interval devices, as columns in the order of the key.

    `starts` in µs, `energies` in milliwatt-hours. `latest` has the last reading of each device of
    the batch, cumulative ones too.
    """

    keys: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    energies: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    latest: dict[int, ReadingRow] = field(default_factory=dict)
    #: The lowest limit among these hours, in milliwatt-hours.
    least_limit: int = _NO_LIMIT


def sum_hours(
    rows: Sequence[ReadingRow], corrected: Sequence[tuple[ReadingRow, int]] = ()
) -> HourSums:
    """Return the sums of new rows, which are in the order of device and time.

    `corrected`: rows that replace stored ones, each with the energy that it adds to its hour.
    """
    sums = HourSums()
    latest, energies, counts = sums.latest, sums.energies, sums.counts
    key, start_us = -1, 0
    for row in rows:
        device = row.device
        latest[device.key] = row
        if device.cumulative:
            continue
        hour_us = device.hours[row.started_us // QUARTER_US]
        if hour_us == start_us and device.key == key:
            energies[-1] += row.value_milliwh
            counts[-1] += 1
            continue
        key, start_us = device.key, hour_us
        sums.keys.append(key)
        sums.starts.append(hour_us)
        energies.append(row.value_milliwh)
        counts.append(1)
        limit = device.limit_at(hour_us)
        if limit is not None and limit < sums.least_limit:
            sums.least_limit = limit
    if corrected:
        _add_corrections(sums, corrected)
    return sums


def _add_corrections(sums: HourSums, corrected: Sequence[tuple[ReadingRow, int]]) -> None:
    hours = zip(zip(sums.keys, sums.starts, strict=True), sums.energies, sums.counts, strict=True)
    totals = {place: (energy, count) for place, energy, count in hours}
    for row, added in corrected:
        device = row.device
        sums.latest.setdefault(device.key, row)
        if not device.cumulative:
            place = device.key, device.hours[row.started_us // QUARTER_US]
            energy, count = totals.get(place, (0, 0))
            totals[place] = energy + added, count
    places = sorted(totals)
    sums.keys = [key for key, _ in places]
    sums.starts = [start_us for _, start_us in places]
    sums.energies = [totals[place][0] for place in places]
    sums.counts = [totals[place][1] for place in places]


def add(sums: HourSums, pushed: AbstractSet[int], above_milliwh: int) -> list[HourState]:
    """Add the sums to their hours; return the hours above an energy and those of pushed devices.

    `pushed`: device keys.
    """
    if not sums.keys:
        return []
    columns = [sums.keys, sums.starts, sums.energies, sums.counts]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*map(array, columns), above_milliwh, array(pushed)])
        return [HourState(*row) for row in cursor.fetchall()]


def subtract_removed(row: ReadingRow, closed: ClosedMonths) -> list[HourState]:
    """Subtract a removed reading from its hours and return them; an emptied hour is deleted."""
    device = row.device
    if device.cumulative:
        return recompute([row], closed)
    start_us = device.hours[row.started_us // QUARTER_US]
    place = (device.key, from_us(start_us))
    with connection.cursor() as cursor:
        cursor.execute(_SUBTRACT, (row.value_milliwh, *place))
        remaining = cursor.fetchall()
        cursor.execute(_DELETE_EMPTY, place)
    return [
        HourState(device.key, start_us, energy, count, covers_hours=1 if count else 0)
        for energy, count in remaining
    ]


def recompute(rows: list[ReadingRow], closed: ClosedMonths) -> list[HourState]:
    """Derive again the hours that these registers affect; an emptied hour is deleted.

    Requires: `lock_series` of the devices.
    """
    if not rows:
        return []
    changed = [ChangedRegister(row.device, row.started_us) for row in rows]
    register_months_note((register.device.key, register.at_us) for register in changed)
    affected = register_hours.hours_affected(changed, closed)
    present = [(key, hour) for (key, _), hour in affected.items() if hour is not None]
    empty = [place for place, hour in affected.items() if hour is None]
    register_hours.register_hours_set(present)
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [array(key for key, _ in empty), array(us for _, us in empty)])
    return [
        HourState(key, hour.start_us, hour.energy_milliwh, hour.reading_count, hour.covers_hours)
        for key, hour in present
    ] + [HourState(key, start_us, 0, 0, 0) for key, start_us in empty]
