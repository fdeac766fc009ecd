"""That every hour follows from its readings: proved, and restored where it does not.

Hours of closed months have no readings any more and are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from monitoring import clock
from monitoring.alerting import alerts_rebuild
from monitoring.believable import Register
from monitoring.closed_months import OPEN_HOUR, closed_months
from monitoring.directory import directory_entry, lock_devices_alone
from monitoring.models import Device
from monitoring.neighbours import months_forget, months_note
from monitoring.registers import RegisterHour, hours_from_registers, hours_write

#: A period without ends.
EVER = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))

#: (device id, start, stored milliwatt-hours, milliwatt-hours of the readings).
Difference = tuple[UUID, datetime, int | None, int | None]

# One statement sees one state of the tables, also while readings arrive.
_DIFFERING = f"""
WITH summed AS (
    SELECT r.device_key, date_trunc('hour', r.started_at, d.timezone) AS start,
           sum(r.value_milliwh) AS energy, count(*) AS readings
    FROM reading r JOIN device d ON d.key = r.device_key
    WHERE d.key = ANY(%s)
    GROUP BY 1, 2
), present AS (
    SELECT device_key, start, energy_milliwh, reading_count FROM hour WHERE device_key = ANY(%s)
)
SELECT d.device_id, h.start, h.energy_milliwh, h.energy FROM (
    SELECT device_key, start, p.energy_milliwh, p.reading_count, s.energy, s.readings
    FROM summed s FULL JOIN present p USING (device_key, start)
) AS h
JOIN device d ON d.key = h.device_key
WHERE (h.energy_milliwh IS DISTINCT FROM h.energy OR h.reading_count IS DISTINCT FROM h.readings)
    AND {OPEN_HOUR}
ORDER BY d.key, h.start
"""  # noqa: S608 - our own text

_DELETE = f"""
DELETE FROM hour h
WHERE h.device_key = %(key)s AND h.start >= %(begin)s AND h.start < %(end)s AND {OPEN_HOUR}
"""  # noqa: S608 - our own text

_SUM = f"""
INSERT INTO hour (device_key, start, energy_milliwh, reading_count, covers_hours)
SELECT h.device_key, h.start, sum(h.value_milliwh), count(*), 1
FROM (
    SELECT device_key, date_trunc('hour', started_at, %(timezone)s) AS start, value_milliwh
    FROM reading
    WHERE device_key = %(key)s AND started_at >= %(begin)s
        AND started_at < %(end)s::timestamptz + interval '1 hour'
) AS h
WHERE h.start >= %(begin)s AND h.start < %(end)s AND {OPEN_HOUR}
GROUP BY h.device_key, h.start
"""  # noqa: S608 - our own text

_SERIES = """
SELECT (extract(epoch FROM started_at) * 1000000)::bigint, value_milliwh
FROM reading WHERE device_key = %s ORDER BY started_at
"""


def hours_rebuild(device: Device, begin: datetime = EVER[0], end: datetime = EVER[1]) -> None:
    """Derive the hours that begin in [begin, end), and all alerts of the device, from its readings.

    Needs `lock_devices_alone`.
    """
    span: dict[str, int | str | datetime] = {
        "key": device.key,
        "timezone": device.timezone,
        "begin": begin,
        "end": end,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, span)
        if device.reading_kind == "interval":
            cursor.execute(_SUM, span)
    if device.reading_kind != "interval":
        registers = _registers(device)
        months_forget(device.key)
        months_note((device.key, register.at_us) for register in registers)
        first, last = clock.to_us(begin), clock.to_us(end)
        hours = _register_hours(device, registers)
        hours_write([(device.key, hour) for hour in hours if first <= hour.start_us < last])
    alerts_rebuild(device)


def device_hours_rebuild(
    device: Device, begin: datetime = EVER[0], end: datetime = EVER[1]
) -> None:
    """`hours_rebuild` in a transaction of its own, with ingest held for its time."""
    with transaction.atomic():
        lock_devices_alone()
        hours_rebuild(device, begin, end)


def hours_that_differ(devices: Sequence[Device] | None = None) -> list[Difference]:
    """Wherever a stored hour is not what its readings give, of these devices or of all."""
    if devices is None:
        devices = list(Device.objects.order_by("key"))
    keys = [device.key for device in devices if device.reading_kind == "interval"]
    found: list[Difference] = []
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_DIFFERING, [keys, keys])
            found += cursor.fetchall()
    for device in devices:
        if device.reading_kind != "interval":
            found += _registers_that_differ(device)
    return found


def _registers_that_differ(device: Device) -> list[Difference]:
    """Registers and hours are two looks: batches are kept out between them."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_devices_alone()
        computed = {
            clock.from_us(hour.start_us): (hour.energy, hour.reading_count, hour.covers_hours)
            for hour in _register_hours(device, _registers(device))
        }
        cursor.execute(
            "SELECT h.start, h.energy_milliwh, h.reading_count, h.covers_hours "  # noqa: S608
            f"FROM hour h WHERE h.device_key = %s AND {OPEN_HOUR}",
            [device.key],
        )
        stored = {start: tuple(figures) for start, *figures in cursor.fetchall()}
    return [
        (device.device_id, start, _energy(stored.get(start)), _energy(computed.get(start)))
        for start in sorted(stored.keys() | computed.keys())
        if stored.get(start) != computed.get(start)
    ]


def _energy(figures: tuple[int, ...] | None) -> int | None:
    return None if figures is None else figures[0]


def _registers(device: Device) -> list[Register]:
    """All stored registers of a cumulative device, by time."""
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, [device.key])
        return [Register(*row) for row in cursor.fetchall()]


def _register_hours(device: Device, registers: list[Register]) -> list[RegisterHour]:
    """All hours that the registers of a cumulative device give, outside of closed months."""
    closed = closed_months()
    return [
        hour
        for hour in hours_from_registers(directory_entry(device), registers)
        if not closed.touch(hour.start_us)
    ]
