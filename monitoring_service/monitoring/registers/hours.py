"""Hours of cumulative devices: the register is stored, an hour's energy is a sum of differences.

An hour is derived from the registers themselves whenever one of them changes, and never adjusted,
so that readings may arrive in any order. The difference between two registers counts in the hour of
the later one. After a gap of more than an hour it is a span, which is no part of the hour. Outliers
(plausibility.py) are left out. The quarters of these hours are unknown.

A worked example, in kWh, UTC:

    register    08:50 500.0   09:10 500.4   09:40 501.0   12:20 504.0
    difference                0.4           0.6           3.0
    hour 09:00  0.4 + 0.6 = 1.0 from 2 registers
    hour 12:00  no energy from 1 register, and the span 09:40 to 12:20 with 3.0
    hour 08:00  no row: its only register has none before it

A late register 11:00 502.0 then affects its own hour and the next one with registers:

    hour 11:00  no energy from 1 register, and the span 09:40 to 11:00 with 1.0
    hour 12:00  2.0 from 1 register

A fall, for example 501.0 to 0.4, adds nothing (the meter was reset), unless the device's digits are
known and the register passed its end: with 3 digits, 999.8 to 0.4 is 0.6.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from energy_contracts.units import MILLIWH_PER_KWH
from monitoring.calendar.clock import HOUR_US, QUARTER_US
from monitoring.devices.cache import CachedDevice
from monitoring.registers.plausibility import decision_window, plausible_registers
from monitoring.storage.closed_months import ClosedMonths
from monitoring.storage.neighbours import Register, Span, registers_around
from monitoring.storage.spans import StoredSpan, spans_set
from monitoring.storage.sql import array

#: A fall counts as a rollover only from the last tenth of the register's range to its first tenth.
#: Any other fall is a meter that was reset or replaced.
ROLLOVER_SHARE = 10


@dataclass(frozen=True, slots=True)
class RegisterHour:
    """An hour derived from registers, and the span of a gap that ends in it.

    `energy_milliwh`: the measured energy, None if a span is all that is known.
    """

    start_us: int
    energy_milliwh: int | None
    reading_count: int
    span: StoredSpan | None


class ChangedRegister(NamedTuple):
    """A register that was stored, corrected or removed, by its device and instant in µs."""

    device: CachedDevice
    at_us: int


def difference(device: CachedDevice, before: Register, after: Register) -> int:
    """Return the energy between two registers in milliwatt-hours, 0 after a reset.

    A fall is a rollover if the register's digits are known and it passed its end. Any other fall is
    a reset: the energy that the meter counted before the reading is unknown and adds nothing.
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
    device: CachedDevice, start_us: int, before: Register | None, registers: list[Register]
) -> RegisterHour | None:
    """Return the hour of `registers`, which are in order; None if there is no difference.

    `before`: the last register before the hour, if there is one.
    """
    if not registers or (before is None and len(registers) == 1):
        return None
    span: StoredSpan | None = None
    differences: list[int] = []
    previous = before
    for register in registers:
        if previous is not None:
            energy = difference(device, previous, register)
            if previous is before and _is_gap(device, start_us, before):
                span = StoredSpan(device.key, before.at_us, register.at_us, energy)
            else:
                differences.append(energy)
        previous = register
    measured = sum(differences) if differences else None
    return RegisterHour(start_us, measured, len(registers), span)


def _is_gap(device: CachedDevice, start_us: int, before: Register) -> bool:
    """Return whether there is a clock hour between the register and the hour that starts then."""
    return start_us - device.hours[before.at_us // QUARTER_US] >= HOUR_US * 3 // 2


def hours_from_registers(device: CachedDevice, registers: list[Register]) -> Iterator[RegisterHour]:
    """Yield all hours of a series of registers in order of time."""
    before: Register | None = None
    start_us, within = 0, list[Register]()
    for register in plausible_registers(device, registers):
        hour_us = device.hours[register.at_us // QUARTER_US]
        if within and hour_us != start_us:
            if (hour := hour_from_registers(device, start_us, before, within)) is not None:
                yield hour
            before, within = within[-1], []
        start_us = hour_us
        within.append(register)
    if within and (hour := hour_from_registers(device, start_us, before, within)) is not None:
        yield hour


def lock_series(devices: Iterable[CachedDevice]) -> None:
    """Lock the registers of these devices until the transaction ends.

    Without the lock, two processes that add a register each would derive an hour without the
    register of the other.

    Requires: a transaction.
    """
    keys = sorted({device.key for device in devices})
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM device WHERE key = ANY(%s) ORDER BY key FOR NO KEY UPDATE", [keys]
            )


_SET_HOURS = """
INSERT INTO hour (device_key, start, energy_milliwh, reading_count)
SELECT device_key, to_timestamp(start_us / 1e6::float8), energy_milliwh, reading_count
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::integer[])
    AS i (device_key, start_us, energy_milliwh, reading_count)
ON CONFLICT (device_key, start) DO UPDATE SET
    energy_milliwh = excluded.energy_milliwh, reading_count = excluded.reading_count,
    quarter_0 = NULL, quarter_1 = NULL, quarter_2 = NULL, quarter_3 = NULL
"""

_DELETE_SPANS = """
DELETE FROM span s USING unnest(%s::integer[], %s::bigint[]) AS i (device_key, start_us)
WHERE s.device_key = i.device_key
    AND s.ends_at >= to_timestamp(i.start_us / 1e6::float8)
    AND s.ends_at < to_timestamp(i.start_us / 1e6::float8) + interval '1 hour'
RETURNING s.device_key, (extract(epoch FROM s.begins_at) * 1000000)::bigint,
    (extract(epoch FROM s.ends_at) * 1000000)::bigint, s.energy_milliwh
"""


def hours_affected(
    changed: Sequence[ChangedRegister], closed: ClosedMonths
) -> dict[tuple[int, int], RegisterHour | None]:
    """Return the hours that these registers affect, by (device key, start in µs).

    None: the hour has no energy any more, and no row. A register affects its own hour and those of
    the registers near it that it decides on: mostly the next one, whose difference is taken from
    it. Hours that are partly in a closed month stay, because their registers are dropped.

    Requires: `lock_series` of the devices, and the transaction that stored the registers.
    """
    devices = {register.device.key: register.device for register in changed}
    near = _hours_near(devices, changed)
    groups = [
        (devices[key], group)
        for key, starts in sorted(near.items())
        for group in _groups(start_us for start_us in starts if not closed.touch(start_us))
    ]
    spans = [
        Span(device.key, group[0], group[-1] + HOUR_US, *decision_window(device))
        for device, group in groups
    ]
    affected: dict[tuple[int, int], RegisterHour | None] = {}
    for (device, group), registers in zip(groups, registers_around(spans), strict=True):
        before, after = decision_window(device)
        instants = [register.at_us for register in registers]
        for start_us in group:
            first = bisect_left(instants, start_us)
            end = bisect_left(instants, start_us + HOUR_US)
            deciding = registers[max(0, first - before) : end + after]
            affected[device.key, start_us] = _hour(device, start_us, deciding)
    return affected


def _hours_near(
    devices: dict[int, CachedDevice], changed: Sequence[ChangedRegister]
) -> dict[int, set[int]]:
    """Return by device key the starts (µs) of the hours that the registers may affect.

    A removed register, which is not read back, decides on the same neighbours as a stored one.
    """
    instants: dict[int, dict[int, list[int]]] = {key: defaultdict(list) for key in devices}
    for device, at_us in changed:
        instants[device.key][device.hours[at_us // QUARTER_US]].append(at_us)
    spans: list[Span] = []
    changed_in_span: list[list[int]] = []
    for key, device in sorted(devices.items()):
        # A window counts the neighbours that decide on a register. Here the registers on which this
        # one decides are searched, so before and after are exchanged.
        before, after = decision_window(device)
        for group in _groups(instants[key]):
            spans.append(Span(key, group[0], group[-1] + HOUR_US, before=after, after=before))
            changed_in_span.append(
                [at_us for start_us in group for at_us in instants[key][start_us]]
            )
    hours = {key: set(starts) for key, starts in instants.items()}
    for span, changed_us, registers in zip(
        spans, changed_in_span, registers_around(spans), strict=True
    ):
        device = devices[span.key]
        present = [register.at_us for register in registers]
        for at_us in changed_us:
            first, end = bisect_left(present, at_us), bisect_right(present, at_us)
            for near_us in present[max(0, first - span.before) : end + span.after]:
                hours[span.key].add(device.hours[near_us // QUARTER_US])
    return hours


def _groups(starts: Iterable[int]) -> Iterator[list[int]]:
    """Yield the hours in groups with at most one hour between two, so that each needs one read.

    Hours further apart are read apart, because there may be a million registers between them.
    """
    group: list[int] = []
    for start_us in sorted(starts):
        if group and start_us > group[-1] + 2 * HOUR_US:
            yield group
            group = []
        group.append(start_us)
    if group:
        yield group


def register_hours_set(hours: list[tuple[int, RegisterHour]]) -> None:
    """Write hours, each with its device key, over the stored ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_HOURS,
            [
                array(key for key, _ in hours),
                array(hour.start_us for _, hour in hours),
                array(hour.energy_milliwh for _, hour in hours),
                array(hour.reading_count for _, hour in hours),
            ],
        )


def register_spans_set(hours: Mapping[tuple[int, int], RegisterHour | None]) -> list[StoredSpan]:
    """Write the spans that end in these hours, by (device key, start); return those replaced."""
    places = sorted(hours)
    with connection.cursor() as cursor:
        columns = [array(key for key, _ in places), array(start_us for _, start_us in places)]
        cursor.execute(_DELETE_SPANS, columns)
        removed = [StoredSpan(*row) for row in cursor.fetchall()]
    present = (hour for hour in hours.values() if hour is not None)
    spans_set(hour.span for hour in present if hour.span is not None)
    return removed


def _hour(device: CachedDevice, start_us: int, registers: list[Register]) -> RegisterHour | None:
    """Return the hour that starts at an instant, from the registers in and near it, in order."""
    before: Register | None = None
    within: list[Register] = []
    for register in plausible_registers(device, registers):
        # By its clock hour, not by its instant: where a clock is set back by half an hour (on Lord
        # Howe Island), registers after the start of this hour may belong to the hour before.
        if device.hours[register.at_us // QUARTER_US] == start_us:
            within.append(register)
        elif not within:
            before = register
    return hour_from_registers(device, start_us, before, within)
