"""Stored hours, slots and spans of a device, as the tests compare them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from monitoring.calendar.clock import INSTANT, hour_start
from monitoring.models import Device, Hour, Span

ONE_HOUR = timedelta(hours=1)


def slots(device_id: UUID) -> dict[datetime, int]:
    """Return the measured energy of each slot, by its start."""
    return {
        hour.start + number * timedelta(minutes=15): energy
        for hour in Hour.objects.filter(device_key=_device(device_id).key)
        for number, energy in enumerate(hour.quarters)
        if energy is not None
    }


def spans(device_id: UUID) -> list[tuple[datetime, datetime, int]]:
    """Return (begin, end, energy) of the spans, in the order of time."""
    rows = Span.objects.filter(device_key=_device(device_id).key).order_by("begins_at")
    return list(rows.values_list("begins_at", "ends_at", "energy_milliwh"))


def hours_with_gaps(device_id: UUID) -> dict[datetime, tuple[int, int, int]]:
    """Return (energy, readings, covered hours) of each hour; a span is in the hour of its end."""
    device = _device(device_id)
    zone = ZoneInfo(device.timezone)
    hours = {
        hour.start: (hour.energy_milliwh or 0, hour.reading_count, 1)
        for hour in Hour.objects.filter(device_key=device.key)
    }
    for begin, end, energy in spans(device_id):
        start = hour_start(end - INSTANT, zone)
        covers = round((start - hour_start(begin, zone)) / ONE_HOUR)
        hours[start] = hours[start][0] + energy, hours[start][1], covers
    return hours


def _device(device_id: UUID) -> Device:
    return Device.objects.get(device_id=device_id)
