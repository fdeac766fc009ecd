"""The recording of a household's three phases, and the figures that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from .installation import utc

#: Origin and totals: SOURCE.txt beside the recording.
SHELLY = "shelly_em3_10min"
SHELLY_OPTIONS = ("--timestamp-column", "1", "--value-column", "2", "--unit", "wh")
SHELLY_SPAN = (utc(2024, 5, 30), utc(2025, 5, 21))


@dataclass(frozen=True)
class Phase:
    """A recorded series and the figures that follow from it."""

    name: str
    rows: int
    duplicates: int
    total_kwh: Decimal
    largest: tuple[str, Decimal]

    def file(self, recordings: Path) -> Path:
        return recordings / SHELLY / f"em_data_phase{self.name}.csv"


PHASES = [
    Phase("A", 57158, 4320, Decimal("1770.33157"), ("2024-09-22T21:00:00Z", Decimal("2.7137"))),
    Phase("B", 64791, 11947, Decimal("1510.34665"), ("2024-09-11T21:00:00Z", Decimal("1.9592"))),
    Phase("C", 52852, 0, Decimal("2107.08354"), ("2024-12-11T13:00:00Z", Decimal("2.1172"))),
]
#: Hours with readings, of each phase.
HOURS_WITH_DATA = 8528
#: Readings of all phases together.
ROWS = sum(phase.rows for phase in PHASES)
