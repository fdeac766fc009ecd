"""The figures of a period: total, average, peak, lowest, load factor and coverage.

This module alone defines the figures. `figures_of` derives them from the slots of a day,
`figures_between` from the stored hours of any period in the database; a test compares the two, and
the cases in `tests/fixtures/figures` compare the dashboard with the same rule.

The rule of gap hours: after a gap of a cumulative device one hour holds the energy of several
(`covers_hours`). It counts in the average with all the hours that it covers, and is neither peak
nor lowest, because nobody knows how its energy was spread. For example, 12:00 0.2 kWh, 13:00
0.3 kWh, 17:00 5.0 kWh for 4 hours: total 5.5 kWh, average 5.5 / 6 kWh, peak 0.3 kWh at 13:00,
lowest 0.2 kWh at 12:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

from django.db import connection

from monitoring.calendar import clock
from monitoring.energy.selectors import HourSlot
from monitoring.models import Device
from monitoring.storage.sql import whole

# `covers_hours = 1` is the rule of gap hours.
_FIGURES = """
WITH period AS MATERIALIZED (
    SELECT start, energy_milliwh, covers_hours FROM hour
    WHERE device_key = %s AND start >= %s AND start < %s
)
SELECT sum(energy_milliwh), count(*), coalesce(sum(covers_hours), 0)::bigint
FROM period
UNION ALL
(SELECT extract(epoch FROM start)::bigint, energy_milliwh, 0 FROM period
 WHERE covers_hours = 1 ORDER BY energy_milliwh DESC, start LIMIT 1)
UNION ALL
(SELECT extract(epoch FROM start)::bigint, energy_milliwh, 0 FROM period
 WHERE covers_hours = 1 ORDER BY energy_milliwh, start LIMIT 1)
"""


class HourEnergy(NamedTuple):
    """An hour by its first instant, and its energy in milliwatt-hours."""

    start: datetime
    energy_milliwh: int


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """The figures of a period; energies in milliwatt-hours, None without readings.

    `hours_with_data` counts the hours that have readings, `covers_hours` the hours whose energy
    they hold, `hours_expected` all hours of the period. Of several equal peaks the first counts.
    """

    energy_milliwh: int | None
    hours_with_data: int
    covers_hours: int
    hours_expected: int
    peak: HourEnergy | None
    lowest: HourEnergy | None

    @property
    def average_milliwh(self) -> int | None:
        """Energy of the average covered hour, rounded to the milliwatt-hour."""
        return None if self.energy_milliwh is None else round(self._average())

    @property
    def load_factor(self) -> float | None:
        """Average divided by peak, to six decimals; None without a peak, or if the peak is 0.

        1 is even use; a value near 0 is use in short bursts.
        """
        if self.energy_milliwh is None or self.peak is None or self.peak.energy_milliwh == 0:
            return None
        return round(float(self._average() / self.peak.energy_milliwh), 6)

    def _average(self) -> Fraction:
        return Fraction(self.energy_milliwh or 0, self.covers_hours)


def figures_of(slots: Sequence[HourSlot]) -> PeriodFigures:
    """Return the figures of all slots of a period, in the order of time."""
    measured = [slot for slot in slots if slot.energy_milliwh is not None]
    single = [
        HourEnergy(slot.start, slot.energy_milliwh)
        for slot in slots
        if slot.energy_milliwh is not None and slot.covers_hours == 1
    ]
    return PeriodFigures(
        energy_milliwh=sum(slot.energy_milliwh or 0 for slot in measured) if measured else None,
        hours_with_data=len(measured),
        covers_hours=sum(slot.covers_hours for slot in measured),
        hours_expected=len(slots),
        peak=max(single, key=lambda hour: hour.energy_milliwh, default=None),
        lowest=min(single, key=lambda hour: hour.energy_milliwh, default=None),
    )


def figures_between(device: Device, begin: datetime, end: datetime) -> PeriodFigures:
    """Return the figures of the device's hours that begin in [begin, end)."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [device.key, begin, end])
        (energy, hours, covers), *extremes = cursor.fetchall()
    peak, lowest = (
        (
            HourEnergy(datetime.fromtimestamp(int(start), UTC), int(value))
            for start, value, _ in extremes
        )
        if extremes
        else (None, None)
    )
    return PeriodFigures(
        energy_milliwh=whole(energy),
        hours_with_data=hours,
        covers_hours=covers,
        hours_expected=clock.count_hours(clock.zone(device.timezone), begin, end),
        peak=peak,
        lowest=lowest,
    )
