"""Readings from recordings of real meters have the totals that the recordings' sources state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from device_simulator.readings import Reading, kwh_text
from device_simulator.recording import RecordingFormat, Skipped, open_recording

DEVICE = "4c189959-e674-4eaa-8ebb-98fd953657c5"


def read(path: Path, form: RecordingFormat) -> Iterator[Reading | Skipped]:
    with open_recording(path, form, DEVICE) as recording:
        yield from recording.rows()


@pytest.mark.parametrize(
    ("phase", "repeated", "total_kwh"),
    [("A", 4_320, "1770.33157"), ("B", 11_947, "1510.34665"), ("C", 0, "2107.08354")],
)
def test_a_phase_of_the_three_phase_meter_is_sent_to_the_last_digit(
    real_readings: Path, phase: str, repeated: int, total_kwh: str
) -> None:
    path = real_readings / "shelly_em3_10min" / f"em_data_phase{phase}.csv"
    form = RecordingFormat("Date/time UTC", f"Active energy Wh ({phase})", "wh", ZoneInfo("UTC"))

    rows = list(read(path, form))

    assert not [row for row in rows if isinstance(row, Skipped)]
    distinct = set(rows)
    assert len(distinct) == len({row.timestamp for row in rows}), "no instant has two values"
    assert len(rows) - len(distinct) == repeated
    assert len(rows) == path.read_text().count("\n") - 1
    assert kwh_text(sum(row.value_mwh for row in distinct)) == total_kwh
    assert len({row.timestamp.replace(minute=0) for row in distinct}) == 8_528


def test_both_tariffs_of_the_dutch_meter_give_its_import_and_its_clock_change_days(
    real_readings: Path,
) -> None:
    path = real_readings / "dsmr_reader_hourly_2024" / "dsmrreader-data-export-hour.csv"
    zone = ZoneInfo("Europe/Amsterdam")
    columns = (
        "Electricity 1 (Dutch Users: Low Tariff)",
        "Electricity 2 (Dutch Users: Normal Tariff)",
    )

    tariffs = [list(read(path, RecordingFormat("Hour Start", column, "kwh"))) for column in columns]

    assert [len(rows) for rows in tariffs] == [8_754, 8_754]
    both = [row for rows in tariffs for row in rows if isinstance(row, Reading)]
    assert kwh_text(sum(row.value_mwh for row in both)) == "3743.131"
    for day, hours, total in (("2024-03-31", 23, "7.28"), ("2024-10-27", 25, "6.852")):
        of_day = [row for row in both if str(row.timestamp.astimezone(zone).date()) == day]
        assert len(of_day) == 2 * hours
        assert kwh_text(sum(row.value_mwh for row in of_day)) == total


def test_the_counter_of_the_canadian_meter_is_read_every_minute(real_readings: Path) -> None:
    path = real_readings / "ampds2_b1e" / "Electricity_B1E-11.csv.gz"

    rows = list(read(path, RecordingFormat("unix_ts", "Pt", "wh")))

    assert len(rows) == 51_210
    assert not [row for row in rows if isinstance(row, Skipped)]
    assert kwh_text(rows[0].value_mwh) == "20.016"
    assert kwh_text(rows[-1].value_mwh) == "20.961"
