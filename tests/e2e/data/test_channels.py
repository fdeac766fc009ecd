"""Several channels of one device, from the broker to the API."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from ...support.installation import Installation, World, parse, utc

#: Columns of the file by the code of their channel: both tariffs, both directions.
COLUMNS = {"main": "2", "import_normal": "3", "export_low": "4", "export_normal": "5"}
IMPORTED, EXPORTED = Decimal("3743.131"), Decimal("2128.383")


def test_tariffs_and_directions_of_a_year_give_import_and_export(
    recordings: Path, installation: Installation, world: World
):
    file = recordings / "dsmr_reader_hourly_2024" / "dsmrreader-data-export-hour.csv"
    flows = {code: "exported" if "export" in code else "imported" for code in COLUMNS}
    channels = [{"code": code, "flow": flow} for code, flow in flows.items()]
    meter = world.device(interval_seconds=3600, timezone="Europe/Amsterdam", channels=channels)
    before = world.ledger()

    for code, column in COLUMNS.items():
        named = ("--timestamp-column", "1", "--value-column", column, "--unit", "kwh")
        output = installation.replay(file, meter, *named, "--channel", code)
        assert "rows read 8754, sent 8754, skipped 0" in output
    world.await_received(before, 4 * 8_754)

    totals = {"imported": Decimal(0), "exported": Decimal(0)}
    for code, flow in flows.items():
        year = {"start": utc(2023, 12, 31).isoformat(), "end": utc(2025, 1, 2).isoformat()}
        query = {"device_id": meter, "channel": code, **year}
        stats = parse(world.admin.get("/api/monitoring/stats/", **query))
        assert (stats["channel"], stats["unit"]) == (code, "kWh")
        totals[flow] += stats["total_consumption"]
    assert totals == {"imported": IMPORTED, "exported": EXPORTED}
