"""The states of devices: first hour, last reading, energy of today, silent or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from monitoring.calendar import clock
from monitoring.models import Device
from monitoring.storage.ends import reading_ends

#: A device is silent when its next reading is this many intervals late.
SILENT_INTERVALS = 2


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device with its first hour, last reading and energy of today, and whether it is silent."""

    device: Device
    #: The instant at which its first hour with readings begins.
    first_hour: datetime | None
    last_reading_at: datetime | None
    last_reading_milliwh: int | None
    today_milliwh: int | None
    silent: bool


def device_states(devices: Sequence[Device], now: datetime) -> list[DeviceState]:
    """Return the states of a page of devices; today is the local day of each at `now`."""
    ends = reading_ends(devices)
    today = _energy_today(devices, now)
    states = []
    for device in devices:
        device_ends = ends[device.key]
        silent_after = timedelta(seconds=device.interval_seconds * (SILENT_INTERVALS + 1))
        states.append(
            DeviceState(
                device=device,
                first_hour=device_ends.first_hour,
                last_reading_at=device_ends.last_at,
                last_reading_milliwh=device_ends.last_milliwh,
                today_milliwh=today.get(device.key),
                silent=device_ends.last_at is None or now - device_ends.last_at > silent_after,
            )
        )
    return states


def _energy_today(devices: Sequence[Device], now: datetime) -> dict[int, int]:
    bounds = []
    for device in devices:
        tz = clock.zone(device.timezone)
        bounds.append(clock.day_bounds(clock.local_day(now, tz), tz))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.key, sum(hour.energy_milliwh)
            FROM unnest(%s::integer[], %s::timestamptz[], %s::timestamptz[])
                AS d (key, begin, until)
            JOIN hour ON hour.device_key = d.key
                AND hour.start >= d.begin AND hour.start < d.until
            GROUP BY d.key
            """,
            [
                [device.key for device in devices],
                [begin for begin, _ in bounds],
                [end for _, end in bounds],
            ],
        )
        return {key: int(energy) for key, energy in cursor.fetchall()}
