"""The daily pattern of a synthetic meter.

A reading's value follows from (seed, device, instant) alone. So a history can be sent twice, or be
interrupted and started again, and live readings continue it without contradicting any value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from zoneinfo import ZoneInfo

from device_simulator.readings import MWH_PER_KWH, Reading

#: Parts of the local day: name -> (first hour, hour at which it is over).
DAY_PARTS: Mapping[str, tuple[int, int]] = {
    "night": (0, 6),
    "morning": (6, 9),
    "day": (9, 17),
    "evening": (17, 22),
    "late": (22, 24),
}

#: Share of the base load that each part of the day uses.
DEFAULT_PATTERNS: Mapping[str, Decimal] = {
    "night": Decimal("0.5"),
    "morning": Decimal("1.2"),
    "day": Decimal("0.8"),
    "evening": Decimal("1.5"),
    "late": Decimal("0.7"),
}

_PART_OF_HOUR = tuple(
    next(name for name, (first, over) in DAY_PARTS.items() if first <= hour < over)
    for hour in range(24)
)
_SECONDS_PER_HOUR = 3600
# The values are part of what `seed` promises: they must not follow the caller's decimal context.
_CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN)
_NOISE_RANGE = Decimal(2**64 - 1)


@dataclass(frozen=True, slots=True)
class SimulatedDevice:
    """One synthetic meter."""

    device_id: str
    interval_seconds: int
    base_load_kwh: Decimal
    """Energy of one hour at a pattern factor of 1."""
    zone: ZoneInfo
    """The zone whose clock decides the part of the day."""
    patterns: Mapping[str, Decimal]
    """Factor for each name of DAY_PARTS."""
    variation: Decimal
    """Random part of a value: 0.1 means up to ten percent more or less."""
    seed: int
    name: str = ""

    def reading(self, start: int) -> Reading:
        """Return the reading of the interval that begins at `start`, seconds since the epoch."""
        local_hour = datetime.fromtimestamp(start, self.zone).hour
        factor = self.patterns[_PART_OF_HOUR[local_hour]]
        with localcontext(_CONTEXT):
            share_of_hour = Decimal(self.interval_seconds) / _SECONDS_PER_HOUR
            expected_mwh = self.base_load_kwh * MWH_PER_KWH * share_of_hour * factor
            value_mwh = int(
                (expected_mwh * (1 + self.variation * self._noise(start))).to_integral_value()
            )
        return Reading(
            timestamp=datetime.fromtimestamp(start, UTC),
            device_id=self.device_id,
            value_mwh=value_mwh,
        )

    def _noise(self, start: int) -> Decimal:
        """Return a number from -1 to 1, the same for the same seed, device and instant."""
        source = f"{self.seed}|{self.device_id}|{start}".encode()
        number = int.from_bytes(hashlib.blake2b(source, digest_size=8).digest())
        return Decimal(2 * number) / _NOISE_RANGE - 1

    def first_start_at_or_after(self, instant: float) -> int:
        """Return the first start of an interval that is not before `instant`, in seconds.

        The grid counts from the epoch, so it is the same for every run and every computer.
        """
        return -int(-instant // self.interval_seconds) * self.interval_seconds

    def last_start_over_by(self, instant: float) -> int:
        """Return the start of the last interval that is over at `instant`, in seconds."""
        return (int(instant // self.interval_seconds) - 1) * self.interval_seconds

    def history_length(self, since: float, until: float) -> int:
        """Return the number of readings in `history`."""
        span = self.last_start_over_by(until) - self.first_start_at_or_after(since)
        return max(0, span // self.interval_seconds + 1)

    def history(self, since: float, until: float) -> Iterator[Reading]:
        """Yield the readings of the intervals within [since, until], seconds since the epoch."""
        first = self.first_start_at_or_after(since)
        for start in range(first, self.last_start_over_by(until) + 1, self.interval_seconds):
            yield self.reading(start)
