"""Reads of the hours of a device as slots of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitoring.calendar import clock
from monitoring.models import Device, Hour


@dataclass(frozen=True, slots=True)
class HourSlot:
    """A clock hour of a period; energy in milliwatt-hours, None if it has no readings.

    `hour` is what the clock shows. `covers_hours` is more than 1 after a gap, 0 without readings.
    """

    start: datetime
    hour: int
    energy_milliwh: int | None
    reading_count: int
    covers_hours: int


def hours_between(
    device: Device, begin: datetime, end: datetime, tz: ZoneInfo | None = None
) -> list[HourSlot]:
    """Return every clock hour of the device that begins in [begin, end), with the hour of `tz`.

    The hours are those of the device's own zone, by which its readings are summed.
    """
    own = clock.zone(device.timezone)
    rows = {
        hour.start: hour
        for hour in Hour.objects.filter(device_key=device.key, start__gte=begin, start__lt=end)
    }
    return [
        HourSlot(
            start=start,
            hour=own_hour if tz is None or tz is own else start.astimezone(tz).hour,
            energy_milliwh=rows[start].energy_milliwh if start in rows else None,
            reading_count=rows[start].reading_count if start in rows else 0,
            covers_hours=rows[start].covers_hours if start in rows else 0,
        )
        for start, own_hour in clock.clock_hours(own, begin, end)
    ]


def hours_of_day(device: Device, day: date, tz: ZoneInfo) -> list[HourSlot]:
    """Return the 23, 24 or 25 clock hours of a local day."""
    begin, end = clock.day_bounds(day, tz)
    return hours_between(device, begin, end, tz)
