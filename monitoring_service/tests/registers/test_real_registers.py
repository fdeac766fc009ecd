"""Registers of real meters give the energies that are known from their files."""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from energy_contracts.units import kwh_from_milliwh
from monitoring.calendar.clock import from_us, to_us
from monitoring.calendar.slots import divide
from monitoring.registers.derivation import derive
from monitoring.registers.rules import Rules
from monitoring.registers.series import series_of
from monitoring.storage.neighbours import Register

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
RULES = Rules(interval_us=900 * 1_000_000)


@pytest.fixture(scope="module")
def registers() -> list[Register]:
    """Return the import registers of a year, every quarter of an hour."""
    default = Path(__file__).parents[4] / "shared" / "data"
    folder = Path(os.environ.get("REAL_READINGS_DIR", default))
    path = folder / "files" / "energie_manager_2025" / "original.csv.gz"
    if not path.is_file():
        reason = f"no registers of a real meter at {path} (REAL_READINGS_DIR)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with gzip.open(path, "rt") as file:
        rows = csv.DictReader((line for line in file if line.strip()), delimiter=";")
        return sorted(
            # The file has watt-hours.
            Register(int(row["moment"]) * 1_000_000, int(row["value"]) * 1_000)
            for row in rows
            if row["code"] == "ellm"
        )


def hours(registers: list[Register]) -> dict[datetime, int]:
    energy: dict[datetime, int] = defaultdict(int)
    for begin, end, total, is_measured in derive(series_of(registers, RULES), RULES).differences:
        assert is_measured
        for slot_us, part in divide(begin, end, total):
            energy[from_us(slot_us).replace(minute=0)] += part
    return energy


def test_a_year_of_quarter_hourly_registers_gives_the_known_total_days_and_hours(registers):
    energy = hours(registers)
    days: dict[str, int] = defaultdict(int)
    for start, part in energy.items():
        days[f"{start.astimezone(AMSTERDAM):%Y-%m-%d}"] += part

    assert kwh_from_milliwh(sum(energy.values())) == 7523.9
    known = {"2025-01-01": 29.766, "2025-03-30": 49.8, "2025-10-26": 13.548, "2025-12-25": 27.961}
    assert {day: kwh_from_milliwh(days[day]) for day in known} == known
    assert kwh_from_milliwh(energy[datetime(2024, 12, 31, 23, tzinfo=UTC)]) == 1.045
    assert kwh_from_milliwh(energy[datetime(2025, 1, 1, tzinfo=UTC)]) == 1.792


def test_the_register_at_midnight_of_each_day_gives_the_same_days(registers):
    midnights = [
        register
        for register in registers
        if f"{from_us(register.at_us).astimezone(AMSTERDAM):%H:%M}" == "00:00"
    ]
    spans = derive(series_of(midnights, RULES), RULES).differences

    assert not any(span.is_measured for span in spans)
    energy = hours(registers)
    for begin, end, total, _ in spans:
        within = sum(part for start, part in energy.items() if begin <= to_us(start) < end)
        assert total == within
