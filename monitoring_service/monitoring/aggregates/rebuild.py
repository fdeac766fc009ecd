"""Derive hours from their readings again. Hours of closed months, whose readings are gone, stay."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, transaction

from monitoring.alerts.services import alerts_rebuild
from monitoring.calendar import clock
from monitoring.devices.cache import cached_device
from monitoring.models import Device
from monitoring.registers.hours import RegisterHour, hours_from_registers, register_hours_set
from monitoring.storage.closed_months import OPEN_HOUR, closed_months
from monitoring.storage.epoch import lock_devices_exclusive
from monitoring.storage.neighbours import Register, register_months_forget, register_months_note

#: Before and after all readings.
ALL_TIME = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))

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


def hours_rebuild(
    device: Device, begin: datetime = ALL_TIME[0], end: datetime = ALL_TIME[1]
) -> None:
    """Derive the hours that begin in [begin, end), and all alerts of the device, from its readings.

    Hours of a device whose kind of readings is unknown stay as they are.

    Requires: `lock_devices_exclusive`.
    """
    if not device.kind_is_known:
        return
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
        registers = device_registers(device)
        register_months_forget(device.key)
        register_months_note((device.key, register.at_us) for register in registers)
        first, last = clock.to_us(begin), clock.to_us(end)
        hours = device_register_hours(device, registers)
        register_hours_set([(device.key, hour) for hour in hours if first <= hour.start_us < last])
    alerts_rebuild(device)


def device_hours_rebuild(
    device: Device, begin: datetime = ALL_TIME[0], end: datetime = ALL_TIME[1]
) -> None:
    """Run `hours_rebuild` in a transaction of its own; ingest waits meanwhile."""
    with transaction.atomic():
        lock_devices_exclusive()
        hours_rebuild(device, begin, end)


def device_registers(device: Device) -> list[Register]:
    """Return all stored registers of a cumulative device, in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, [device.key])
        return [Register(*row) for row in cursor.fetchall()]


def device_register_hours(device: Device, registers: list[Register]) -> list[RegisterHour]:
    """Return the hours derived from the registers of a cumulative device, without closed months."""
    closed = closed_months()
    return [
        hour
        for hour in hours_from_registers(cached_device(device), registers)
        if not closed.touch(hour.start_us)
    ]
