"""The figures of a period: total, average, peak, lowest, load factor and quality.

This module alone defines the figures. `figures_of_day` derives them from the hours of a day,
`figures_between` from the stored hours of any period in the database; a test compares the two, and
the cases in `tests/fixtures/figures` compare the dashboard with the same rule.

The rule of spans: the total holds the energy of spans, but average, peak and lowest are those of
measured energy, because nobody knows how the energy of a span was spread. For example, 12:00
0.2 kWh, 13:00 0.3 kWh and a span of 5.0 kWh from 14:00 to 18:00: total 5.2 kWh in 6 hours with
data, average 0.25 kWh, peak 0.3 kWh at 13:00, lowest 0.2 kWh at 12:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from monitoring.calendar import clock
from monitoring.devices.channels import DeviceChannel
from monitoring.energy.selectors import HourSlot, hours_between, spans_of
from monitoring.storage.known_energy import COUNT_OF_SLOTS, Quality, SpanShare
from monitoring.storage.sql import whole

_FIGURES = f"""
WITH period AS MATERIALIZED (
    SELECT start, energy_milliwh, quarter_0, quarter_1, quarter_2, quarter_3 FROM hour
    WHERE device_key = %s AND start >= %s AND start < %s AND energy_milliwh IS NOT NULL
)
SELECT 'sum', sum(energy_milliwh), count(*), coalesce(sum({COUNT_OF_SLOTS}), 0)::bigint
FROM period
UNION ALL
(SELECT 'peak', energy_milliwh, extract(epoch FROM start)::bigint, 0 FROM period
 ORDER BY energy_milliwh DESC, start LIMIT 1)
UNION ALL
(SELECT 'lowest', energy_milliwh, extract(epoch FROM start)::bigint, 0 FROM period
 ORDER BY energy_milliwh, start LIMIT 1)
UNION ALL
(SELECT 'peak quarter', greatest(quarter_0, quarter_1, quarter_2, quarter_3),
     extract(epoch FROM start)::bigint,
     array_position(ARRAY[quarter_0, quarter_1, quarter_2, quarter_3],
                    greatest(quarter_0, quarter_1, quarter_2, quarter_3)) - 1
 FROM period
 WHERE num_nonnulls(quarter_0, quarter_1, quarter_2, quarter_3) > 0
 ORDER BY greatest(quarter_0, quarter_1, quarter_2, quarter_3) DESC, start LIMIT 1)
"""  # noqa: S608 - our own text


class PeakEnergy(NamedTuple):
    """An hour or quarter by its first instant, and its measured energy in milliwatt-hours."""

    start: datetime
    energy_milliwh: int

    @property
    def hourly_milliwh(self) -> int:
        """Return the energy that an hour at the power of this quarter would have."""
        return 4 * self.energy_milliwh


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """The figures of a period; energies in milliwatt-hours, None if nothing is known.

    `measured_milliwh` is the energy of the `measured_hours`, without spans. `hours_with_data`
    counts the hours with known energy, `hours_expected` all hours of the period. Of several equal
    peaks the first counts.
    """

    energy_milliwh: int | None
    estimated_milliwh: int | None
    measured_milliwh: int | None
    measured_hours: int
    hours_with_data: int
    hours_expected: int
    quality: Quality
    peak: PeakEnergy | None
    lowest: PeakEnergy | None
    #: None for a day that was derived from its hours.
    peak_quarter: PeakEnergy | None = None

    @property
    def average_milliwh(self) -> int | None:
        """Energy of the average measured hour, rounded to the milliwatt-hour."""
        return None if self.measured_milliwh is None else round(self._average())

    @property
    def load_factor(self) -> float | None:
        """Average divided by peak, to six decimals; None without a peak, or if the peak is 0.

        1 is even use; a value near 0 is use in short bursts.
        """
        if self.measured_milliwh is None or self.peak is None or self.peak.energy_milliwh == 0:
            return None
        return round(float(self._average() / self.peak.energy_milliwh), 6)

    def _average(self) -> Fraction:
        return Fraction(self.measured_milliwh or 0, self.measured_hours)


def figures_of_day(
    channel: DeviceChannel, day: date, tz: ZoneInfo
) -> tuple[list[HourSlot], PeriodFigures]:
    """Return the 23, 24 or 25 clock hours of a local day, and the figures of the day."""
    begin, end = clock.day_bounds(day, tz)
    spans, bounds = spans_of(channel, begin, end)
    slots = hours_between(channel, begin, end, tz, spans)
    return slots, _figures_of(slots, spans.share(*bounds))


def _figures_of(slots: Sequence[HourSlot], share: SpanShare) -> PeriodFigures:
    """Return the figures of all hours of a period, in the order of time.

    `share`: that of the spans in the period. A span within the period is exact there, although each
    of its hours is estimated.
    """
    measured = [
        PeakEnergy(slot.start, energy)
        for slot in slots
        if (energy := slot.measured_milliwh) is not None
    ]
    energy = sum(hour.energy_milliwh for hour in measured) if measured else None
    measured_slots = sum(slot.quality.measured for slot in slots)
    known = share.with_measured(energy, measured_slots, len(measured))
    return PeriodFigures(
        energy_milliwh=known.energy_milliwh,
        estimated_milliwh=known.estimated_milliwh,
        measured_milliwh=energy,
        measured_hours=len(measured),
        hours_with_data=known.hours,
        hours_expected=len(slots),
        quality=known.quality,
        peak=max(measured, key=lambda hour: hour.energy_milliwh, default=None),
        lowest=min(measured, key=lambda hour: hour.energy_milliwh, default=None),
    )


def figures_between(channel: DeviceChannel, begin: datetime, end: datetime) -> PeriodFigures:
    """Return the figures of the channel's hours that begin in [begin, end)."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [channel.key, begin, end])
        rows = {name: row for name, *row in cursor.fetchall()}
    energy, count, slots = rows.pop("sum")
    peaks = {
        name: PeakEnergy(
            datetime.fromtimestamp(int(seconds), UTC) + quarter * timedelta(minutes=15), int(value)
        )
        for name, (value, seconds, quarter) in rows.items()
    }
    spans, bounds = spans_of(channel, begin, end)
    known = spans.share(*bounds).with_measured(whole(energy), slots, count)
    return PeriodFigures(
        energy_milliwh=known.energy_milliwh,
        estimated_milliwh=known.estimated_milliwh,
        measured_milliwh=whole(energy),
        measured_hours=count,
        hours_with_data=known.hours,
        hours_expected=clock.count_hours(clock.zone(channel.timezone), begin, end),
        quality=known.quality,
        peak=peaks.get("peak"),
        lowest=peaks.get("lowest"),
        peak_quarter=peaks.get("peak quarter"),
    )
