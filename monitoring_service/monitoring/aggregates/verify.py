"""Compare every hour with its readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from monitoring.aggregates.rebuild import device_register_hours, device_registers
from monitoring.calendar import clock
from monitoring.models import Device
from monitoring.storage.closed_months import OPEN_HOUR
from monitoring.storage.epoch import lock_devices_exclusive

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


def hours_that_differ(devices: Sequence[Device] | None = None) -> list[Difference]:
    """Return the hours, of these devices or of all, that differ from their readings."""
    if devices is None:
        devices = list(Device.objects.order_by("key"))
    devices = [device for device in devices if device.kind_is_known]
    keys = [device.key for device in devices if device.reading_kind == "interval"]
    differences: list[Difference] = []
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_DIFFERING, [keys, keys])
            differences += cursor.fetchall()
    for device in devices:
        if device.reading_kind != "interval":
            differences += _registers_that_differ(device)
    return differences


def _registers_that_differ(device: Device) -> list[Difference]:
    """Return the hours of a cumulative device that differ from its registers.

    The lock prevents that a batch commits between the two statements.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        lock_devices_exclusive()
        computed = {
            clock.from_us(hour.start_us): (
                hour.energy_milliwh,
                hour.reading_count,
                hour.covers_hours,
            )
            for hour in device_register_hours(device, device_registers(device))
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
