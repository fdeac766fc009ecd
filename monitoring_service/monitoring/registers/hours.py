"""Hours of cumulative devices: the register is stored, an hour's energy is a sum of differences.

An hour is computed from the registers themselves each time one of them changes, never adjusted, so
that readings may come in any order. The difference to the register before stands in the hour of the
later one; after a gap that hour says how many hours it covers, and the hours between have no row.
Registers that cannot be believed (believable.py) count as if they had not been sent.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

from energy_contracts.units import MILLIWH_PER_KWH
from monitoring.calendar.clock import HOUR_US, QUARTER_US
from monitoring.devices.cache import KnownDevice
from monitoring.ingest.deduplicate import Row
from monitoring.registers.plausibility import believable, reach
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.neighbours import Register, Span, registers_around
from monitoring.storage.sql import array

#: A fall counts as a rollover only from the last tenth of the register's range to its first:
#: anything else is a meter that was reset or replaced.
ROLLOVER_SHARE = 10


@dataclass(frozen=True, slots=True)
class RegisterHour:
    """An hour's energy in milliwatt-hours; `covers_hours` > 1 after a gap."""

    start_us: int
    energy: int
    reading_count: int
    covers_hours: int


def difference(device: KnownDevice, before: Register, after: Register) -> int:
    """Energy between two registers, never negative and never invented.

    A fall is a rollover when the register's digits are known and it passed its end; otherwise the
    meter was reset, and what it counted before the reading is unknown: it adds nothing.
    """
    if after.value >= before.value:
        return after.value - before.value
    if device.register_digits is None:
        return 0
    size: int = 10**device.register_digits * MILLIWH_PER_KWH
    edge = size // ROLLOVER_SHARE
    if not (before.value >= size - edge and after.value < edge and before.value < size):
        return 0
    energy = size - before.value + after.value
    return energy if device.can_use(energy, after.at_us - before.at_us) else 0


def hour_from_registers(
    device: KnownDevice, start_us: int, before: Register | None, registers: list[Register]
) -> RegisterHour | None:
    """The hour of `registers`, in order; None when there is nothing to take a difference from."""
    energy, previous = 0, before
    for register in registers:
        if previous is not None:
            energy += difference(device, previous, register)
        previous = register
    if not registers or (before is None and len(registers) == 1):
        return None
    covers = 1
    if before is not None:
        before_hour = device.hours[before.at_us // QUARTER_US]
        covers = max(1, round((start_us - before_hour) / HOUR_US))
    return RegisterHour(start_us, energy, len(registers), covers)


def hours_from_registers(device: KnownDevice, registers: list[Register]) -> Iterator[RegisterHour]:
    """All hours of a series of registers in order of time."""
    before: Register | None = None
    start_us, held = 0, list[Register]()
    for register in believable(device, registers):
        hour_us = device.hours[register.at_us // QUARTER_US]
        if held and hour_us != start_us:
            if (hour := hour_from_registers(device, start_us, before, held)) is not None:
                yield hour
            before, held = held[-1], []
        start_us = hour_us
        held.append(register)
    if held and (hour := hour_from_registers(device, start_us, before, held)) is not None:
        yield hour


def lock_series(devices: Iterable[KnownDevice]) -> None:
    """Keep other processes from adding to these series until the transaction ends.

    Two that added a register each would compute hours without the other's.
    """
    keys = sorted({device.key for device in devices})
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM device WHERE key = ANY(%s) ORDER BY key FOR NO KEY UPDATE", [keys]
            )


_SET_HOURS = """
INSERT INTO hour (device_key, start, energy_milliwh, reading_count, covers_hours)
SELECT device_key, to_timestamp(start_us / 1e6::float8), energy_milliwh, reading_count,
       covers_hours
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[], %s::integer[])
    AS i (device_key, start_us, energy_milliwh, reading_count, covers_hours)
ON CONFLICT (device_key, start) DO UPDATE SET
    energy_milliwh = excluded.energy_milliwh, reading_count = excluded.reading_count,
    covers_hours = excluded.covers_hours
"""


def hours_touched(
    rows: list[Row], closed: ClosedMonths
) -> dict[tuple[int, int], RegisterHour | None]:
    """Return by (device key, start in µs) the hours that these registers changed, come or gone.

    A register changes its own hour and those of the ones near it that it decides on: mostly of the
    next, as the one before it. Hours with a part in a closed month, whose registers are gone, stay.
    """
    devices = {row.device.key: row.device for row in rows}
    near = _hours_near(devices, rows)
    groups = [
        (devices[key], group)
        for key, starts in sorted(near.items())
        for group in _groups(start_us for start_us in starts if not closed.touch(start_us))
    ]
    spans = [
        Span(device.key, group[0], group[-1] + HOUR_US, *reach(device)) for device, group in groups
    ]
    touched: dict[tuple[int, int], RegisterHour | None] = {}
    for (device, group), registers in zip(groups, registers_around(spans), strict=True):
        before, after = reach(device)
        instants = [register.at_us for register in registers]
        for start_us in group:
            first = bisect_left(instants, start_us)
            end = bisect_left(instants, start_us + HOUR_US)
            some = registers[max(0, first - before) : end + after]
            touched[device.key, start_us] = _hour(device, start_us, some)
    return touched


def _hours_near(devices: dict[int, KnownDevice], rows: list[Row]) -> dict[int, set[int]]:
    """Return by device key the hours of the registers and of those that they decide on.

    Stored or just removed: a register decides on the same ones near it in both cases.
    """
    instants: dict[int, dict[int, list[int]]] = {key: defaultdict(list) for key in devices}
    for row in rows:
        start_us = row.device.hours[row.started_us // QUARTER_US]
        instants[row.device.key][start_us].append(row.started_us)
    spans: list[Span] = []
    changed: list[list[int]] = []
    for key, device in sorted(devices.items()):
        # A register is decided on by those before it: here the direction is turned round.
        before, after = reach(device)
        for group in _groups(instants[key]):
            spans.append(Span(key, group[0], group[-1] + HOUR_US, before=after, after=before))
            changed.append([at_us for start_us in group for at_us in instants[key][start_us]])
    hours = {key: set(starts) for key, starts in instants.items()}
    for span, group, registers in zip(spans, changed, registers_around(spans), strict=True):
        device = devices[span.key]
        present = [register.at_us for register in registers]
        for at_us in group:
            first, end = bisect_left(present, at_us), bisect_right(present, at_us)
            for near_us in present[max(0, first - span.before) : end + span.after]:
                hours[span.key].add(device.hours[near_us // QUARTER_US])
    return hours


def _groups(starts: Iterable[int]) -> Iterator[list[int]]:
    """Hours in order, those at most one hour apart together: one read serves them all.

    Not further apart: between two hours with a register each there may be a million registers.
    """
    group: list[int] = []
    for start_us in sorted(starts):
        if group and start_us > group[-1] + 2 * HOUR_US:
            yield group
            group = []
        group.append(start_us)
    if group:
        yield group


def hours_write(hours: list[tuple[int, RegisterHour]]) -> None:
    """Set (device key, hour) as they are, whatever was there."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_HOURS,
            [
                array(key for key, _ in hours),
                array(hour.start_us for _, hour in hours),
                array(hour.energy for _, hour in hours),
                array(hour.reading_count for _, hour in hours),
                array(hour.covers_hours for _, hour in hours),
            ],
        )


def _hour(device: KnownDevice, start_us: int, registers: list[Register]) -> RegisterHour | None:
    """The hour out of its registers and those near it, in order."""
    before: Register | None = None
    within: list[Register] = []
    for register in believable(device, registers):
        # By its clock hour, not by its instant: where a clock goes back by half an hour (on Lord
        # Howe), the hour before still lasts when this one begins, and its registers come first.
        if device.hours[register.at_us // QUARTER_US] == start_us:
            within.append(register)
        elif not within:
            before = register
    return hour_from_registers(device, start_us, before, within)
