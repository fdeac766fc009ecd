"""Retention: raw readings are dropped month by month, and hours stay.

A month whose readings were dropped is *closed*: its hours cannot change any more. A reading of a
closed month, late or repeated, could not be distinguished from one that is counted already, so it
is rejected. A month is kept for the retention counted from its end or from the day its partition
was made, whichever is later: the history of an old meter that is imported today is not dropped
tonight.

For a cumulative device the energy around a closed month depends on registers on both sides of its
borders. So the value of the counter at the borders is fixed before the registers are dropped, and
carried on. A worked example, in kWh: the registers are 31 March 23:30 100, 1 April 00:30 103,
30 April 23:40 250, 1 May 00:20 252. April is closed; March and May are not.

- 101.5 is carried at the begin of April: March has 1.5 kWh after 23:30, and April the other 1.5.
  A late register of 31 March 23:50 101 divides the 1.5 kWh of March only. One above 101.5 would
  count energy of April again, and does not count.
- 251 is carried at the end of April: May has 1 kWh until 00:20, whatever registers arrive later.

Without a register before April, its first register is carried at its begin, so that late ones of
March count up to it. Without one after April, its last register is carried at its end, and the
whole difference to a later one is energy after April.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from monitoring.calendar import clock
from monitoring.calendar.months import next_month
from monitoring.calendar.slots import energy_within
from monitoring.devices.cache import MULTIPLIER_PARTS, CachedDevice, cached_channels
from monitoring.registers.borders import Crossing, Point, crossings
from monitoring.registers.changes import ChangedRegister, derived_around
from monitoring.registers.held import jumps_cut
from monitoring.registers.stored import derived_store
from monitoring.storage.closed_months import ClosedMonths, closed_months
from monitoring.storage.epoch import lock_devices_exclusive, raise_epoch
from monitoring.storage.interval_hours import EVERY_CHANNEL
from monitoring.storage.partitions import partition_name
from monitoring.storage.spans import StoredSpan, spans_set
from monitoring.storage.sql import array

_DUE = """
SELECT month FROM reading_month
WHERE closed_at IS NULL
    AND greatest(month + interval '1 month', made_at) + %s * interval '1 month' <= %s
ORDER BY month
"""

# A closed month cuts the series of a channel that has registers in it, or beside it in months that
# were closed before.
_CUT_CHANNELS = f"""
SELECT d.device_id, d.code FROM {EVERY_CHANNEL} d
WHERE d.reading_kind = 'cumulative' AND (
    EXISTS (SELECT FROM register_month WHERE device_key = d.key AND month = %(month)s)
    OR EXISTS (
        SELECT FROM carried_register WHERE device_key = d.key AND at IN (%(month)s, %(end)s)
    )
)
ORDER BY d.key
"""  # noqa: S608 - our own text

_CARRY = """
INSERT INTO carried_register (device_key, at, value_milliwh, counted_since, multiplier)
SELECT device_key, to_timestamp(at_us / 1e6::float8), value_milliwh,
       to_timestamp(since_us / 1e6::float8), millionths / 1000000::numeric
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS i (device_key, at_us, value_milliwh, since_us, millionths)
"""

_FORGET_WITHIN = "DELETE FROM carried_register WHERE at > %s AND at < %s"


class CarriedRegister(NamedTuple):
    """A value of a counter (mWh) at a border of a closed month; instants in µs.

    `since_us`: the register before the month from which energy was counted into it, None if there
    is none, if the counter began at 0 again after it, and at the end of a month. The value includes
    the multiplier of the meter, which is given in `millionths`: divided by it, the value would not
    be whole.
    """

    device_key: int
    at_us: int
    value: int
    since_us: int | None
    millionths: int


def months_due(moment: datetime, retention_months: int) -> list[datetime]:
    """Return the months whose raw readings have been kept for the time of the retention."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [retention_months, moment])
        return [month for (month,) in cursor.fetchall()]


def month_close(month: datetime) -> None:
    """Drop the raw readings of the month; its hours stay.

    Raises OperationalError after two seconds if a read of the partition does not end, because
    ingest waits meanwhile.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        lock_devices_exclusive()
        before = closed_months()
        bounds = {"month": month, "end": next_month(month)}
        cursor.execute(_CUT_CHANNELS, bounds)
        ids = list(cursor.fetchall())
        cursor.execute("UPDATE reading_month SET closed_at = now() WHERE month = %(month)s", bounds)
        after = closed_months()
        month_us = clock.to_us(month)
        group = next(span for span in after.spans if span[0] <= month_us < span[1])
        _carry(cached_channels(ids), group, before)
        cursor.execute(f"DROP TABLE IF EXISTS {partition_name(month)}")
        cursor.execute("DELETE FROM register_month WHERE month = %(month)s", bounds)
        _derive_beside(ids, group, after)
        raise_epoch()


def _carry(devices: Sequence[CachedDevice], group: tuple[int, int], closed: ClosedMonths) -> None:
    """Fix the counters at the borders of the closed months, and cut spans that reach across them.

    `group`: begin and end of the closed months around the new one; `closed`: those before it.
    """
    carried = {(device.key, at_us) for device in devices for at_us, *_ in device.carried}
    places = [
        (device, border_us)
        for device in devices
        for border_us in group
        if (device.key, border_us) not in carried
    ]
    registers: list[CarriedRegister] = []
    spans: dict[tuple[int, int], StoredSpan] = {}
    for (device, border_us), crossing in zip(places, crossings(places, closed), strict=True):
        register = _carried_at(device, border_us, crossing, group)
        if register is not None:
            registers.append(register)
            span = _closed_part(device, crossing, group)
            if span is not None:
                spans[span.device_key, span.begin_us] = span
    with connection.cursor() as cursor:
        cursor.execute(_CARRY, [array(row[column] for row in registers) for column in range(5)])
        cursor.execute(_FORGET_WITHIN, [clock.from_us(border_us) for border_us in group])
    spans_set(spans.values())
    jumps_cut(
        (register.device_key, register.at_us, register.value, register.at_us == group[0])
        for register in registers
    )


def _carried_at(
    device: CachedDevice, border_us: int, crossing: Crossing, group: tuple[int, int]
) -> CarriedRegister | None:
    """Return the register to carry at a border; None if the energy beside it is unknown."""
    before, after = crossing.before, crossing.after
    is_begin = border_us == group[0]
    if crossing.value is not None and before is not None:
        # After the counter began at 0 again, earlier registers exceed its value at the border.
        is_lower = crossing.value < before.value
        since_us = before.at_us if is_begin and not is_lower else None
        return _carried_from(before, device, border_us, crossing.value, since_us)
    if is_begin:
        if before is None and after is not None and after.at_us < group[1]:
            return _carried_from(after, device, border_us, after.value)
    elif before is not None and before.at_us >= group[0]:
        # After a reset or a jump a register at the border is the first that counts.
        last = after if after is not None and after.at_us == border_us else before
        return _carried_from(last, device, border_us, last.value)
    return None


def _carried_from(
    point: Point, device: CachedDevice, border_us: int, value: int, since_us: int | None = None
) -> CarriedRegister | None:
    """Return the register with the multiplier of a point's meter.

    None if that meter was not mounted at the border: the counter of another one is unknown there.
    """
    stretch = point.stretch
    if not stretch.begin_us <= border_us <= stretch.end_us:
        return None
    millionths = int(stretch.multiplier * MULTIPLIER_PARTS)
    return CarriedRegister(device.key, border_us, value, since_us, millionths)


def _closed_part(
    device: CachedDevice, crossing: Crossing, group: tuple[int, int]
) -> StoredSpan | None:
    """Return the part of a span in the closed months."""
    before, after, energy = crossing.before, crossing.after, crossing.energy
    if not crossing.is_span or before is None or after is None or energy is None:
        return None
    begin_us, end_us = max(before.at_us, group[0]), min(after.at_us, group[1])
    if begin_us >= end_us:
        # It ends with a register at the begin of the months.
        return None
    part = energy_within(before.at_us, after.at_us, energy, begin_us, end_us)
    return StoredSpan(device.key, begin_us, end_us, part)


def _derive_beside(
    ids: Sequence[tuple[UUID, str]], group: tuple[int, int], closed: ClosedMonths
) -> None:
    """Derive the open hours beside the closed months again, now from the carried registers.

    The parts of a difference that was cut are rounded at the border, so a slot after it may differ
    by a milliwatt-hour.
    """
    changed = [
        ChangedRegister(device, border_us) for device in cached_channels(ids) for border_us in group
    ]
    if changed:
        derived_store(derived_around(changed, closed), closed)
