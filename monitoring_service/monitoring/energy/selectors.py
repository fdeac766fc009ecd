"""Reads of the hours of a channel as slots of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitoring.calendar import clock
from monitoring.calendar.slots import slot_bounds
from monitoring.devices.channels import DeviceChannel
from monitoring.models import Hour
from monitoring.storage.known_energy import DeviceSpans, Quality


@dataclass(frozen=True, slots=True)
class HourSlot:
    """A clock hour of a period; energies in milliwatt-hours, None if nothing is known.

    `hour` is what the clock shows. `estimated_milliwh` is the part of the energy that comes from
    spans; the rest is measured.
    """

    start: datetime
    hour: int
    energy_milliwh: int | None
    estimated_milliwh: int | None
    reading_count: int
    quality: Quality

    @property
    def measured_milliwh(self) -> int | None:
        """Return the measured energy, None if no slot of the hour is measured."""
        if self.energy_milliwh is None or not self.quality.measured:
            return None
        return self.energy_milliwh - (self.estimated_milliwh or 0)


def spans_of(
    channel: DeviceChannel, begin: datetime, end: datetime
) -> tuple[DeviceSpans, tuple[int, int]]:
    """Return the spans in the hours that begin in [begin, end), and the bounds of those hours."""
    hours = clock.hours_of_quarters(channel.timezone)
    bounds = slot_bounds(hours, clock.to_us(begin), clock.to_us(end))
    return DeviceSpans.read(channel.key, hours, *bounds), bounds


def hours_between(
    channel: DeviceChannel,
    begin: datetime,
    end: datetime,
    tz: ZoneInfo | None = None,
    spans: DeviceSpans | None = None,
) -> list[HourSlot]:
    """Return every clock hour of the channel that begins in [begin, end), with the hour of `tz`.

    The hours are those of the device's own zone, by which its readings are summed. `spans`: those
    of the period, if they have been read already.
    """
    own = clock.zone(channel.timezone)
    hours = clock.hours_of_quarters(channel.timezone)
    rows = {
        hour.start: hour
        for hour in Hour.objects.filter(device_key=channel.key, start__gte=begin, start__lt=end)
    }
    starts = list(clock.clock_hours(own, begin, end))
    bounds = [slot_bounds(hours, at, at + 1) for at in (clock.to_us(start) for start, _ in starts)]
    shares = (spans or spans_of(channel, begin, end)[0]).shares(bounds)
    slots = []
    for (start, own_hour), share in zip(starts, shares, strict=True):
        row = rows.get(start)
        energy, count = (row.energy_milliwh, row.measured_slots) if row else (None, 0)
        known = share.with_measured(energy, count, 1)
        slots.append(
            HourSlot(
                start=start,
                hour=own_hour if tz is None or tz is own else start.astimezone(tz).hour,
                energy_milliwh=known.energy_milliwh,
                estimated_milliwh=known.estimated_milliwh,
                reading_count=row.reading_count if row else 0,
                quality=known.quality,
            )
        )
    return slots
