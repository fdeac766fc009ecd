"""Reads. Each takes the user who asks: what is not theirs does not exist for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitoring.calendar import clock
from monitoring.models import Device, Hour


@dataclass(frozen=True, slots=True)
class HourSlot:
    """A clock hour of a period; energy None when it has no readings."""

    start: datetime
    hour: int
    energy_milliwh: int | None
    reading_count: int
    covers_hours: int


def hours_between(
    device: Device, begin: datetime, end: datetime, tz: ZoneInfo | None = None
) -> list[HourSlot]:
    """Every clock hour of the device that begins in [begin, end), labelled by the clock of `tz`.

    The hours are cut by the device's own zone: that is how its readings were summed.
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
    """The 23, 24 or 25 clock hours of a local day."""
    begin, end = clock.day_bounds(day, tz)
    return hours_between(device, begin, end, tz)
