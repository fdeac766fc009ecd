"""Bring hours in line with the readings that a batch stored or an administrator removed.

Slots of interval devices grow by sums; hours of cumulative devices are derived from their registers
again (`monitoring.registers`).

A reading of an interval device belongs to the slot in which its interval begins, if the interval is
at most a quarter of an hour long. One of up to an hour is divided evenly over the slots that it
touches, which may be those of the next hour. A longer one is a span. For example, 0.6 kWh of 30
minutes from 09:45 are 0.3 kWh in the slot 09:45 and 0.3 kWh in the slot 10:00.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from monitoring.calendar.clock import HOUR_US, QUARTER_US, from_us
from monitoring.calendar.slots import Part, divide
from monitoring.devices.cache import CachedDevice
from monitoring.ingest.rows import ReadingRow
from monitoring.registers.changes import ChangedRegister, derived_around
from monitoring.registers.hours import RegisterHour
from monitoring.registers.stored import derived_store
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.neighbours import register_months_note
from monitoring.storage.spans import StoredSpan, spans_delete, spans_set
from monitoring.storage.sql import array


class HourState(NamedTuple):
    """An hour after a change, with its start in µs.

    `energy_milliwh`: the measured energy, None if there is none. `slots` has bit n if quarter n is
    measured.
    """

    device_key: int
    start_us: int
    energy_milliwh: int | None
    reading_count: int
    slots: int


class HourChanges(NamedTuple):
    """Hours after a change, and the spans that changed and touch too many hours to name them."""

    hours: list[HourState]
    spans: list[StoredSpan]


#: All four quarters of an hour are measured.
ALL_SLOTS = 0b1111

# The quarters of an hour `h` that was derived by former rules are unknown, and so they stay.
_UNKNOWN = """h.energy_milliwh IS NOT NULL
    AND num_nonnulls(h.quarter_0, h.quarter_1, h.quarter_2, h.quarter_3) = 0"""

_GROWN = ",\n        ".join(
    f"quarter_{n} = CASE WHEN {_UNKNOWN} THEN NULL ELSE coalesce("
    f"h.quarter_{n} + excluded.quarter_{n}, h.quarter_{n}, excluded.quarter_{n}) END"
    for n in range(4)
)

_SLOTS = """CASE
    WHEN energy_milliwh IS NULL THEN 0
    WHEN num_nonnulls(quarter_0, quarter_1, quarter_2, quarter_3) = 0 THEN 15
    ELSE (quarter_0 IS NOT NULL)::integer + 2 * (quarter_1 IS NOT NULL)::integer
        + 4 * (quarter_2 IS NOT NULL)::integer + 8 * (quarter_3 IS NOT NULL)::integer
END"""

# Only hours that are pushed or may exceed a limit are returned: at full speed, fetching all of them
# would cost more time than adding to them.
_ADD = f"""
WITH changed AS (
    INSERT INTO hour AS h (device_key, start, reading_count, energy_milliwh,
                           quarter_0, quarter_1, quarter_2, quarter_3)
    SELECT device_key, to_timestamp(start_us / 1e6::float8), reading_count,
           CASE WHEN num_nonnulls(q_0, q_1, q_2, q_3) > 0
               THEN coalesce(q_0, 0) + coalesce(q_1, 0) + coalesce(q_2, 0) + coalesce(q_3, 0) END,
           q_0, q_1, q_2, q_3
    FROM unnest(%s::integer[], %s::bigint[], %s::integer[],
                %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
        AS i (device_key, start_us, reading_count, q_0, q_1, q_2, q_3)
    ON CONFLICT (device_key, start) DO UPDATE SET
        reading_count = h.reading_count + excluded.reading_count,
        energy_milliwh = coalesce(
            h.energy_milliwh + excluded.energy_milliwh, h.energy_milliwh, excluded.energy_milliwh),
        {_GROWN}
    RETURNING h.*
)
SELECT device_key, extract(epoch FROM start)::bigint * 1000000, energy_milliwh, reading_count,
       {_SLOTS}
FROM changed WHERE energy_milliwh > %s OR device_key = ANY(%s::integer[])
"""  # noqa: S608 - our own text

_READ = f"""
SELECT i.device_key, i.start_us, h.energy_milliwh, coalesce(h.reading_count, 0), {_SLOTS}
FROM unnest(%s::integer[], %s::bigint[]) AS i (device_key, start_us)
LEFT JOIN hour h ON h.device_key = i.device_key
    AND h.start = to_timestamp(i.start_us / 1e6::float8)
ORDER BY 1, 2
"""  # noqa: S608 - our own text

_DELETE = """
DELETE FROM hour USING unnest(%s::integer[], %s::bigint[]) AS i (device_key, start_us)
WHERE hour.device_key = i.device_key AND hour.start = to_timestamp(i.start_us / 1e6::float8)
"""

_LOCK = """
SELECT reading_count, energy_milliwh, quarter_0, quarter_1, quarter_2, quarter_3
FROM hour WHERE device_key = %s AND start = %s FOR UPDATE
"""

_UPDATE = """
UPDATE hour SET reading_count = %s, energy_milliwh = %s,
    quarter_0 = %s, quarter_1 = %s, quarter_2 = %s, quarter_3 = %s
WHERE device_key = %s AND start = %s
"""

_HAS_READING = """
SELECT EXISTS (
    SELECT FROM reading WHERE device_key = %s AND started_at > %s AND started_at < %s
)
"""

#: More than any hour's energy.
_NO_LIMIT = 2**63 - 1

#: Hours of changed spans that are returned, at most.
MOST_SPAN_HOURS = 48

_NO_QUARTERS = (None, None, None, None)


@dataclass(slots=True)
class HourSums:
    """The sums that a batch adds to hours of interval devices, as columns in the order of the key.

    `starts` in µs; `quarters` has the milliwatt-hours of the four quarters of each hour, one after
    the other, None where the batch adds nothing. `latest` has the last reading of each device of
    the batch, cumulative ones too.
    """

    keys: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    quarters: list[int | None] = field(default_factory=list)
    spans: list[StoredSpan] = field(default_factory=list)
    latest: dict[int, ReadingRow] = field(default_factory=dict)
    #: The lowest limit among these hours, in milliwatt-hours.
    least_limit: int = _NO_LIMIT


def sum_hours(
    rows: Sequence[ReadingRow], corrected: Sequence[tuple[ReadingRow, int]] = ()
) -> HourSums:
    """Return the sums of new rows, which are in the order of device and time.

    `corrected`: rows that replace stored ones, each with the energy that it adds.
    """
    sums = HourSums()
    latest, counts, quarters = sums.latest, sums.counts, sums.quarters
    divided: list[ReadingRow] = []
    key, start_us, first = -1, 0, 0
    for row in rows:
        device = row.device
        latest[device.key] = row
        if not device.by_slot:
            if not device.cumulative:
                divided.append(row)
            continue
        quarter = row.started_us // QUARTER_US
        hour_us = device.hours[quarter]
        if hour_us != start_us or device.key != key:
            key, start_us = device.key, hour_us
            first = len(quarters) - hour_us // QUARTER_US
            sums.keys.append(key)
            sums.starts.append(hour_us)
            counts.append(0)
            quarters += _NO_QUARTERS
            limit = device.limit_at(hour_us)
            if limit is not None and limit < sums.least_limit:
                sums.least_limit = limit
        counts[-1] += 1
        energy = quarters[first + quarter]
        quarters[first + quarter] = (
            row.value_milliwh if energy is None else energy + row.value_milliwh
        )
    if divided or corrected:
        _merge(sums, divided, corrected)
    return sums


def _merge(
    sums: HourSums, divided: Sequence[ReadingRow], corrected: Sequence[tuple[ReadingRow, int]]
) -> None:
    """Add rows of more than a slot, and the differences of corrected rows, to the sums."""
    columns = zip(sums.keys, sums.starts, sums.counts, strict=True)
    counts: Counter[tuple[int, int]] = Counter()
    totals: dict[tuple[int, int], list[int | None]] = {}
    for at, (key, start_us, count) in enumerate(columns):
        counts[key, start_us] = count
        totals[key, start_us] = sums.quarters[4 * at : 4 * at + 4]
    changes = [(row, row.value_milliwh, 1) for row in divided]
    changes += [(row, added, 0) for row, added in corrected if not row.device.cumulative]
    for row, added, count in changes:
        device = row.device
        if device.is_span:
            sums.spans.append(span_of(row))
        for hour_us, number, energy in _added(row, added):
            quarters = totals.setdefault((device.key, hour_us), list(_NO_QUARTERS))
            quarters[number] = (quarters[number] or 0) + energy
            limit = device.limit_at(hour_us)
            if limit is not None and limit < sums.least_limit:
                sums.least_limit = limit
        if count:
            place = device.key, device.hours[row.started_us // QUARTER_US]
            counts[place] += count
            totals.setdefault(place, list(_NO_QUARTERS))
    for row, _ in corrected:
        sums.latest.setdefault(row.device.key, row)
    places = sorted(totals)
    sums.keys = [key for key, _ in places]
    sums.starts = [start_us for _, start_us in places]
    sums.counts = [counts[place] for place in places]
    sums.quarters = [energy for place in places for energy in totals[place]]


def _added(row: ReadingRow, added: int) -> Iterator[tuple[int, int, int]]:
    """Yield (hour's start in µs, number of the quarter, energy) that a row adds to each slot.

    `added`: the energy that it adds as a whole, less than its value where it replaces another.
    """
    before = dict(parts_of(row, row.value_milliwh - added))
    for slot_us, energy in parts_of(row, row.value_milliwh):
        hour_us = row.device.hours[slot_us // QUARTER_US]
        yield hour_us, (slot_us - hour_us) // QUARTER_US, energy - before[slot_us]


def parts_of(row: ReadingRow, value_milliwh: int) -> list[Part]:
    """Return the parts of a value of the row's interval by slot; none for a span."""
    device, begin_us = row.device, row.started_us
    if device.by_slot:
        return [Part(begin_us - begin_us % QUARTER_US, value_milliwh)]
    if device.is_span:
        return []
    return list(divide(begin_us, begin_us + device.interval_us, value_milliwh))


def span_of(row: ReadingRow) -> StoredSpan:
    """Return the span of a reading of more than an hour."""
    end_us = row.started_us + row.device.interval_us
    return StoredSpan(row.device.key, row.started_us, end_us, row.value_milliwh)


def add(sums: HourSums, pushed: AbstractSet[int], above_milliwh: int) -> HourChanges:
    """Add the sums to their hours; return the hours above an energy and those of pushed devices.

    `pushed`: device keys.
    """
    if not sums.keys and not sums.spans:
        return HourChanges([], [])
    columns = [array(sums.keys), array(sums.starts), array(sums.counts)]
    columns += [array(sums.quarters[n::4]) for n in range(4)]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*columns, above_milliwh, array(pushed)])
        changed = [HourState(*row) for row in cursor.fetchall()]
    if sums.spans:
        spans_set(sums.spans)
        devices = {key: row.device for key, row in sums.latest.items() if key in pushed}
        return _with_spans(changed, sums.spans, devices)
    return HourChanges(changed, [])


def _with_spans(
    changed: list[HourState], spans: Iterable[StoredSpan], devices: dict[int, CachedDevice]
) -> HourChanges:
    """Add the hours that changed spans of these devices touch, if they are few, or the spans."""
    pushed = [span for span in spans if span.device_key in devices]
    known = {(hour.device_key, hour.start_us) for hour in changed}
    places = sorted(
        {
            (span.device_key, devices[span.device_key].hours[slot_us // QUARTER_US])
            for span in pushed
            if span.end_us - span.begin_us <= MOST_SPAN_HOURS * HOUR_US
            for slot_us in range(span.begin_us, span.end_us, QUARTER_US)
        }
        - known
    )
    if len(places) > MOST_SPAN_HOURS:
        return HourChanges(changed, pushed)
    if places:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [array(key for key, _ in places), array(us for _, us in places)])
            changed = changed + [HourState(*row) for row in cursor.fetchall()]
    long = [span for span in pushed if span.end_us - span.begin_us > MOST_SPAN_HOURS * HOUR_US]
    return HourChanges(changed, long)


def subtract_removed(row: ReadingRow, closed: ClosedMonths) -> HourChanges:
    """Subtract a removed reading from its hours and return the changes; an emptied hour is deleted.

    Requires: `lock_devices_exclusive`, and the reading is deleted already.
    """
    device = row.device
    if device.cumulative:
        return recompute([row], closed)
    own_hour_us = device.hours[row.started_us // QUARTER_US]
    hours: dict[int, dict[int, int]] = {own_hour_us: {}}
    for hour_us, number, energy in _added(row, row.value_milliwh):
        hours.setdefault(hour_us, {})[number] = energy
    changed = [
        _subtract(device, hour_us, parts, int(hour_us == own_hour_us))
        for hour_us, parts in sorted(hours.items())
    ]
    if device.is_span:
        spans_delete([span_of(row)])
        return _with_spans(changed, [span_of(row)], {device.key: device})
    return HourChanges(changed, [])


def _subtract(
    device: CachedDevice, hour_us: int, parts: dict[int, int], readings: int
) -> HourState:
    """Subtract the parts of a removed reading, by quarter, from an hour of an interval device."""
    place = device.key, from_us(hour_us)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, place)
        stored = cursor.fetchone()
        if stored is None:
            return HourState(device.key, hour_us, None, 0, 0)
        count, energy, *quarters = stored
        count -= readings
        if energy is not None and quarters == [None] * 4:
            energy -= sum(parts.values())
            energy = energy if count else None
        else:
            for number, part in parts.items():
                quarters[number] -= part
                slot_us = hour_us + number * QUARTER_US
                # Without another reading nothing is known about the slot, which is not 0.
                if quarters[number] == 0 and not _has_reading(device, slot_us):
                    quarters[number] = None
            known = [quarter for quarter in quarters if quarter is not None]
            energy = sum(known) if known else None
        if count or energy is not None:
            cursor.execute(_UPDATE, [count, energy, *quarters, *place])
        else:
            cursor.execute(_DELETE, [array([device.key]), array([hour_us])])
    slots = sum(1 << n for n, quarter in enumerate(quarters) if quarter is not None)
    if energy is not None and not slots:
        slots = ALL_SLOTS
    return HourState(device.key, hour_us, energy, count, slots)


def _has_reading(device: CachedDevice, slot_us: int) -> bool:
    """Return whether a stored reading of an interval device has a part in the slot."""
    reach_us = 1 if device.by_slot else device.interval_us
    with connection.cursor() as cursor:
        bounds = from_us(slot_us - reach_us), from_us(slot_us + QUARTER_US)
        cursor.execute(_HAS_READING, [device.key, *bounds])
        (has_reading,) = cursor.fetchone()
        return bool(has_reading)


def recompute(rows: list[ReadingRow], closed: ClosedMonths) -> HourChanges:
    """Run `derive_again` for the registers of these rows."""
    if not rows:
        return HourChanges([], [])
    changed = [ChangedRegister(row.device, row.started_us) for row in rows]
    register_months_note((register.device.key, register.at_us) for register in changed)
    return derive_again(changed, closed)


def derive_again(changed: Sequence[ChangedRegister], closed: ClosedMonths) -> HourChanges:
    """Derive again what these registers affect; return the changes.

    Requires: `lock_series` of the devices.
    """
    changes = derived_store(derived_around(changed, closed), closed)
    states = [_register_state(*hour) for hour in changes.hours]
    devices = {register.device.key: register.device for register in changed}
    return _with_spans(states, changes.spans, devices)


def _register_state(key: int, start_us: int, hour: RegisterHour | None) -> HourState:
    """Return the state of an hour of a cumulative device; None: it has no row any more."""
    if hour is None:
        return HourState(key, start_us, None, 0, 0)
    energy = hour.energy_milliwh
    slots = sum(1 << n for n, quarter in enumerate(hour.quarters) if quarter is not None)
    if energy is not None and not slots:
        slots = ALL_SLOTS
    return HourState(key, start_us, energy, hour.reading_count, slots)
