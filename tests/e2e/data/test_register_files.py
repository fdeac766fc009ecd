"""A year of a real meter's registers, replayed through the broker: totals, days and hours."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ...support.installation import Installation, World, parse, utc

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
COLUMNS = ("--timestamp-column", "moment", "--value-column", "value", "--unit", "wh")
#: Known from the file, by local days in Amsterdam (kWh).
DAYS = {
    "2025-01-01": Decimal("29.766"),
    "2025-03-30": Decimal("49.8"),
    "2025-10-26": Decimal("13.548"),
}
HOURS = {"2024-12-31T23:00:00Z": Decimal("1.045"), "2025-01-01T00:00:00Z": Decimal("1.792")}


@pytest.fixture(scope="module")
def imports_of_a_year(recordings: Path, tmp_path_factory) -> Path:
    """Return a file of the import registers; the original mixes them with those of the export."""
    original = recordings / "files" / "energie_manager_2025" / "original.csv.gz"
    path = tmp_path_factory.mktemp("registers") / "import.csv"
    with gzip.open(original, "rt") as source, path.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["moment", "value"])
        for row in csv.DictReader((line for line in source if line.strip()), delimiter=";"):
            if row["code"] == "ellm":
                writer.writerow([row["moment"], row["value"]])
    return path


@pytest.mark.parametrize("order", [(), ("--shuffle", "11")], ids=["in order", "shuffled"])
def test_a_year_of_quarter_hourly_registers_gives_its_total_days_and_hours(
    order, imports_of_a_year: Path, installation: Installation, world: World
):
    meter = world.device(
        reading_kind="cumulative", interval_seconds=900, timezone="Europe/Amsterdam"
    )
    before = world.ledger()

    output = installation.replay(imports_of_a_year, meter, *COLUMNS, "--cumulative", *order)
    assert "rows read 34943, sent 34943, skipped 0" in output
    world.await_received(before, 34_943)

    hours = world.hours(world.admin, meter, utc(2024, 12, 31), utc(2026, 1, 1))
    assert sum(hours.values()) == Decimal("7523.9")
    assert {start: hours[start] for start in HOURS} == HOURS
    answer = world.admin.get(
        "/api/monitoring/series/",
        device_id=meter,
        start="2024-12-31T23:00:00Z",
        end="2025-12-31T23:00:00Z",
        resolution="day",
    )
    days = {
        f"{datetime.fromisoformat(point['start']).astimezone(AMSTERDAM):%Y-%m-%d}": point
        for point in parse(answer)["points"]
    }
    assert {day: days[day]["total_consumption"] for day in DAYS} == DAYS
    assert all(days[day]["estimated"] == 0 for day in DAYS)
