"""Hours of cumulative devices: the register is stored, an hour's energy is a sum of differences.

An hour is computed from the registers themselves each time one of them changes, never adjusted, so
that readings may come in any order. The difference to the register before stands in the hour of the
later one; after a gap that hour says how many hours it covers, and the hours between have no row.
Registers that cannot be believed (believable.py) count as if they had not been sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

from energy_contracts.units import MILLIWH_PER_KWH
from monitoring.believable import Register, believable, reach
from monitoring.clock import HOUR_US, QUARTER_US
from monitoring.closed_months import ClosedMonths
from monitoring.directory import KnownDevice
from monitoring.fold import Row
from monitoring.sql import array

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


_NEAR = """
SELECT c.device_key, (extract(epoch FROM near.started_at) * 1000000)::bigint
FROM unnest(%s::integer[], %s::bigint[], %s::integer[], %s::integer[])
    AS c (device_key, at_us, before, after)
CROSS JOIN LATERAL (
    (SELECT started_at FROM reading
     WHERE device_key = c.device_key AND started_at < to_timestamp(c.at_us / 1e6::float8)
     ORDER BY started_at DESC LIMIT c.before)
    UNION ALL
    (SELECT started_at FROM reading
     WHERE device_key = c.device_key AND started_at > to_timestamp(c.at_us / 1e6::float8)
     ORDER BY started_at LIMIT c.after)
) AS near
"""

_REGISTERS = """
SELECT h.device_key, h.start_us, (extract(epoch FROM r.started_at) * 1000000)::bigint,
       r.value_milliwh
FROM unnest(%s::integer[], %s::bigint[], %s::integer[], %s::integer[])
    AS h (device_key, start_us, before, after)
CROSS JOIN LATERAL (
    (SELECT started_at, value_milliwh FROM reading
     WHERE device_key = h.device_key AND started_at < to_timestamp(h.start_us / 1e6::float8)
     ORDER BY started_at DESC LIMIT h.before)
    UNION ALL
    (SELECT started_at, value_milliwh FROM reading
     WHERE device_key = h.device_key AND started_at >= to_timestamp(h.start_us / 1e6::float8)
       AND started_at < to_timestamp(h.start_us / 1e6::float8) + interval '1 hour')
    UNION ALL
    (SELECT started_at, value_milliwh FROM reading
     WHERE device_key = h.device_key
       AND started_at >= to_timestamp(h.start_us / 1e6::float8) + interval '1 hour'
     ORDER BY started_at LIMIT h.after)
) AS r
ORDER BY 1, 2, 3
"""

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
    """By (device key, start in µs), the hours that these stored registers changed.

    A register changes its own hour and those of the ones near it that it decides on: mostly of the
    next, as the one before it. Hours with a part in a closed month, whose registers are gone, stay.
    """
    devices = {row.device.key: row.device for row in rows}
    touched = {(row.device.key, row.device.hours[row.started_us // QUARTER_US]) for row in rows}
    with connection.cursor() as cursor:
        reaches = [reach(row.device) for row in rows]
        cursor.execute(
            _NEAR,
            [
                array(row.device.key for row in rows),
                array(row.started_us for row in rows),
                array(near.after for near in reaches),
                array(near.before for near in reaches),
            ],
        )
        for key, at_us in cursor.fetchall():
            touched.add((key, devices[key].hours[at_us // QUARTER_US]))
        hours = sorted(hour for hour in touched if not closed.touch(hour[1]))
        reaches = [reach(devices[key]) for key, _ in hours]
        cursor.execute(
            _REGISTERS,
            [
                array(key for key, _ in hours),
                array(start_us for _, start_us in hours),
                array(near.before for near in reaches),
                array(near.after for near in reaches),
            ],
        )
        series: dict[tuple[int, int], list[Register]] = {hour: [] for hour in hours}
        for key, start_us, at_us, value in cursor.fetchall():
            series[key, start_us].append(Register(at_us, value))
    return {
        (key, start_us): _hour(devices[key], start_us, registers)
        for (key, start_us), registers in series.items()
    }


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
