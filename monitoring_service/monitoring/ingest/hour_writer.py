"""Bringing hours up to date with the readings that a batch stored."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from django.db import connection

from monitoring.calendar.clock import QUARTER_US, from_us
from monitoring.ingest.deduplicate import Row
from monitoring.registers import hours
from monitoring.storage import neighbours
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.sql import array

#: (device key, begin in µs, energy in milliwatt-hours, readings) of an hour as it is now.
HourState = tuple[int, int, int, int]

# Only the hours that somebody waits for, or that may be over a limit, come back: at full speed
# nobody could read them all.
_ADD = """
WITH changed AS (
    INSERT INTO hour (device_key, start, energy_milliwh, reading_count, covers_hours)
    SELECT device_key, to_timestamp(start_us / 1e6::float8), energy_milliwh, reading_count, 1
    FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[])
        AS i (device_key, start_us, energy_milliwh, reading_count)
    ON CONFLICT (device_key, start) DO UPDATE SET
        energy_milliwh = hour.energy_milliwh + excluded.energy_milliwh,
        reading_count = hour.reading_count + excluded.reading_count
    RETURNING device_key, start, energy_milliwh, reading_count
)
SELECT device_key, extract(epoch FROM start)::bigint * 1000000, energy_milliwh, reading_count
FROM changed WHERE energy_milliwh > %s OR device_key = ANY(%s::integer[])
"""

_DELETE = """
DELETE FROM hour USING unnest(%s::integer[], %s::bigint[]) AS i (device_key, start_us)
WHERE hour.device_key = i.device_key AND hour.start = to_timestamp(i.start_us / 1e6::float8)
"""

_TAKE_AWAY = """
UPDATE hour SET energy_milliwh = energy_milliwh - %s, reading_count = reading_count - 1
WHERE device_key = %s AND start = %s RETURNING energy_milliwh, reading_count
"""

_DELETE_EMPTY = "DELETE FROM hour WHERE device_key = %s AND start = %s AND reading_count = 0"

#: More than any hour's energy.
_NO_LIMIT = 2**63 - 1


@dataclass(slots=True)
class HourSums:
    """What a batch adds to hours of interval devices, column by column, in the order of the key.

    `latest` has each device's last reading, cumulative ones' too.
    """

    keys: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    energies: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    latest: dict[int, Row] = field(default_factory=dict)
    #: The lowest limit among these hours, in milliwatt-hours.
    least_limit: int = _NO_LIMIT


def sum_hours(rows: Sequence[Row], corrected: Sequence[tuple[Row, int]] = ()) -> HourSums:
    """Sums of new rows, in the order of device and time: their hours come in order as well.

    `corrected`: rows that replaced others, beside each the energy that it adds.
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


def _add_corrections(sums: HourSums, corrected: Sequence[tuple[Row, int]]) -> None:
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


def add(sums: HourSums, told: AbstractSet[int], above: int) -> list[HourState]:
    """Add the sums to their hours; the hours above an energy, and those of the told devices."""
    if not sums.keys:
        return []
    columns = [sums.keys, sums.starts, sums.energies, sums.counts]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*map(array, columns), above, array(told)])
        found: list[HourState] = cursor.fetchall()
    return found


def take_away(row: Row, closed: ClosedMonths) -> list[HourState]:
    """Take a removed reading out of its hours; an emptied one is gone, its energy 0."""
    device = row.device
    if device.cumulative:
        return recompute([row], closed)
    start_us = device.hours[row.started_us // QUARTER_US]
    place = (device.key, from_us(start_us))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_AWAY, (row.value_milliwh, *place))
        left = cursor.fetchall()
        cursor.execute(_DELETE_EMPTY, place)
    return [(device.key, start_us, energy, count) for energy, count in left]


def recompute(rows: list[Row], closed: ClosedMonths) -> list[HourState]:
    """Set the hours of cumulative devices' rows anew; an emptied one is gone, its energy 0."""
    if not rows:
        return []
    neighbours.months_note((row.device.key, row.started_us) for row in rows)
    touched = hours.hours_touched(rows, closed)
    present = [(key, hour) for (key, _), hour in touched.items() if hour is not None]
    empty = [place for place, hour in touched.items() if hour is None]
    hours.hours_write(present)
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [array(key for key, _ in empty), array(us for _, us in empty)])
    return [(key, hour.start_us, hour.energy, hour.reading_count) for key, hour in present] + [
        (key, start_us, 0, 0) for key, start_us in empty
    ]
