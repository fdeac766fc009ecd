"""The measured, estimated and missing parts of a period, and the energy of spans in it.

A span is divided evenly when it is read. A period that contains it whole has its exact energy, so
its slots count as measured there; in a period that cuts it they are estimated. For example, 3 kWh
from 12:30 to 15:30: the hours 12:00 to 15:00 have 0.5, 1, 1 and 0.5 kWh, all estimated, and the day
has 3 kWh exactly. A slot with measured energy of its own is measured, also where a span begins or
ends within it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from monitoring.calendar import clock
from monitoring.calendar.clock import HOUR_US, QUARTER_US, HourOfQuarter
from monitoring.calendar.slots import energy_within, slot_bounds
from monitoring.storage.spans import StoredSpan, spans_between
from monitoring.storage.sql import array


class Quality(NamedTuple):
    """Numbers of slots by what is known about their energy; they add up to all slots."""

    measured: int
    estimated: int
    missing: int


class KnownEnergy(NamedTuple):
    """The known energy of a period, in milliwatt-hours: None if nothing is known.

    `estimated_milliwh` is the part of it that comes from spans which the period cuts. `hours` are
    the clock hours that have known energy.
    """

    energy_milliwh: int | None
    estimated_milliwh: int | None
    hours: int
    quality: Quality


@dataclass(slots=True)
class SpanShare:
    """The energy of spans in the period (from, until], in µs, and the slots that only they know."""

    from_us: int
    until_us: int
    exact_milliwh: int = 0
    estimated_milliwh: int = 0
    exact_slots: int = 0
    estimated_slots: int = 0
    #: Clock hours without measured energy that the spans touch.
    hours: int = 0
    is_known: bool = False
    _reached_us: int = field(default=-(2**63))
    _reached_hour_us: int = field(default=-(2**63))

    def add(self, span: StoredSpan, hours: HourOfQuarter, measured: MeasuredSlots) -> None:
        """Add a span that reaches into the period. Requires: spans come in the order of begins."""
        _, begin_us, end_us, energy = span
        part = energy_within(begin_us, end_us, energy, self.from_us, self.until_us)
        first = max(begin_us - begin_us % QUARTER_US, self.from_us, self._reached_us)
        end = max(first, min(-(-end_us // QUARTER_US) * QUARTER_US, self.until_us))
        slots = (end - first) // QUARTER_US - measured.slots_between(first, end)
        if self.from_us <= begin_us and end_us <= self.until_us:
            self.exact_milliwh += part
            self.exact_slots += slots
        else:
            self.estimated_milliwh += part
            self.estimated_slots += slots
        if end > first:
            first_hour = max(hours[first // QUARTER_US], self._reached_hour_us)
            end_hour = hours[end // QUARTER_US - 1] + 1
            if end_hour > first_hour:
                self.hours += clock.count_hours(
                    hours.tz, clock.from_us(first_hour), clock.from_us(end_hour)
                ) - measured.hours_between(first_hour, end_hour)
                self._reached_hour_us = end_hour
        self._reached_us = max(self._reached_us, end)
        self.is_known = True

    def with_measured(self, energy: int | None, slots: int, hours: int) -> KnownEnergy:
        """Return what is known of the period, with its measured energy, slots and hours."""
        measured, estimated = slots + self.exact_slots, self.estimated_slots
        missing = (self.until_us - self.from_us) // QUARTER_US - measured - estimated
        quality = Quality(measured, estimated, missing)
        if energy is None and not self.is_known:
            return KnownEnergy(None, None, 0, quality)
        total = (energy or 0) + self.exact_milliwh + self.estimated_milliwh
        return KnownEnergy(total, self.estimated_milliwh, hours + self.hours, quality)


class MeasuredSlots:
    """The measured slots and hours of a device around its spans, in the order of time."""

    def __init__(self, rows: Iterable[tuple[int, int]]) -> None:
        """Take hours as (start in µs, bits of the measured quarters)."""
        self._hours = sorted(rows)
        self._starts = [start_us for start_us, _ in self._hours]
        self._slots = sorted(
            start_us + number * QUARTER_US
            for start_us, bits in self._hours
            for number in range(4)
            if bits >> number & 1
        )

    def slots_between(self, first_us: int, end_us: int) -> int:
        """Return the number of measured slots that begin in [first, end)."""
        return bisect_left(self._slots, end_us) - bisect_left(self._slots, first_us)

    def hours_between(self, first_us: int, end_us: int) -> int:
        """Return the number of hours with measured energy that begin in [first, end)."""
        return bisect_left(self._starts, end_us) - bisect_left(self._starts, first_us)


#: Bits of the measured quarters of an hour; all of them where the quarters are unknown.
SLOTS_OF_HOUR = """CASE
    WHEN num_nonnulls(quarter_0, quarter_1, quarter_2, quarter_3) = 0 THEN 15
    ELSE (quarter_0 IS NOT NULL)::integer + 2 * (quarter_1 IS NOT NULL)::integer
        + 4 * (quarter_2 IS NOT NULL)::integer + 8 * (quarter_3 IS NOT NULL)::integer
END"""

#: The number of the measured quarters of an hour with measured energy.
COUNT_OF_SLOTS = """CASE num_nonnulls(quarter_0, quarter_1, quarter_2, quarter_3)
    WHEN 0 THEN 4 ELSE num_nonnulls(quarter_0, quarter_1, quarter_2, quarter_3) END"""

_MEASURED = f"""
SELECT DISTINCT (extract(epoch FROM start) * 1000000)::bigint, {SLOTS_OF_HOUR}
FROM unnest(%s::bigint[], %s::bigint[]) AS s (begin_us, end_us)
JOIN hour ON device_key = %s AND energy_milliwh IS NOT NULL
    AND start > to_timestamp(s.begin_us / 1e6::float8) - interval '2 hours'
    AND start < to_timestamp(s.end_us / 1e6::float8)
"""  # noqa: S608 - our own text


class DeviceSpans:
    """The spans of a device that reach into a period, and the measured slots around them."""

    def __init__(
        self, hours: HourOfQuarter, spans: Sequence[StoredSpan], measured: MeasuredSlots
    ) -> None:
        """Take the spans in the order of their begins, and the device's clock hours."""
        self._hours = hours
        self._spans = spans
        self._measured = measured

    @classmethod
    def read(
        cls, device_key: int, hours: HourOfQuarter, from_us: int, until_us: int
    ) -> DeviceSpans:
        """Read the spans of a device that reach into (from, until]."""
        (spans,) = spans_between([(device_key, from_us, until_us)])
        rows = _measured_slots(device_key, spans, from_us, until_us) if spans else []
        return cls(hours, spans, MeasuredSlots(rows))

    def share(self, from_us: int, until_us: int) -> SpanShare:
        """Return the share of the spans in one period."""
        (share,) = self.shares([(from_us, until_us)])
        return share

    def shares(self, periods: Iterable[tuple[int, int]]) -> list[SpanShare]:
        """Return the share of the spans in each period [from, until) in µs.

        The periods are within the period that was read, in the order of time, do not overlap, and
        begin and end on the grid of slots.
        """
        shares = [SpanShare(from_us, until_us) for from_us, until_us in periods]
        begins = [share.from_us for share in shares]
        for span in self._spans:
            position = max(0, bisect_right(begins, span.begin_us) - 1)
            while position < len(shares) and shares[position].from_us < span.end_us:
                if shares[position].until_us > span.begin_us:
                    shares[position].add(span, self._hours, self._measured)
                position += 1
        return shares


def _measured_slots(
    device_key: int, spans: Sequence[StoredSpan], from_us: int, until_us: int
) -> list[tuple[int, int]]:
    """Return the hours around spans as (start in µs, bits of measured quarters)."""
    begins = array(max(span.begin_us, from_us - HOUR_US) for span in spans)
    ends = array(min(span.end_us, until_us + HOUR_US) for span in spans)
    with connection.cursor() as cursor:
        cursor.execute(_MEASURED, [begins, ends, device_key])
        return list(cursor.fetchall())


class HourOfChannel(NamedTuple):
    """A clock hour of a channel by its start, with its measured energy and quarters (bits)."""

    key: int
    hours: HourOfQuarter
    start: datetime
    energy_milliwh: int | None
    slots: int


def known_hours(hours: Sequence[HourOfChannel]) -> list[KnownEnergy]:
    """Return what is known of clock hours, with the spans that reach into them."""
    periods = []
    for hour in hours:
        start_us = clock.to_us(hour.start)
        periods.append((hour.key, *slot_bounds(hour.hours, start_us, start_us + 1)))
    known = []
    for hour, (_, from_us, until_us), spans in zip(
        hours, periods, spans_between(periods), strict=True
    ):
        is_measured = hour.energy_milliwh is not None
        measured = MeasuredSlots([(clock.to_us(hour.start), hour.slots)] if is_measured else [])
        share = DeviceSpans(hour.hours, spans, measured).share(from_us, until_us)
        known.append(share.with_measured(hour.energy_milliwh, hour.slots.bit_count(), 1))
    return known
