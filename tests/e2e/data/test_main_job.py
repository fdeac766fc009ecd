"""Recorded meters, replayed through the broker: the hours are right to the last digit."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from service_kit.testing.waiting import wait_until

from ...support.installation import Installation, Session, World, utc
from ...support.recordings import HOURS_WITH_DATA, PHASES, ROWS, SHELLY_OPTIONS, SHELLY_SPAN


@dataclass(frozen=True)
class Home:
    """A client with a meter for each phase, and the first replay of the three recordings."""

    client: Session
    meters: dict[str, str]
    outputs: dict[str, str]
    received: dict[str, int]


@pytest.fixture(scope="module")
def home(installation: Installation, world: World, recordings: Path) -> Home:
    client, client_id = world.client("home")
    meters = {phase.name: world.device(client_id, name=phase.name) for phase in PHASES}
    before = world.ledger()
    outputs = replay(installation, meters, recordings)
    world.await_received(before, ROWS)
    return Home(client, meters, outputs, world.received_since(before))


def replay(
    installation: Installation, meters: dict[str, str], recordings: Path, *options: str
) -> dict[str, str]:
    """Replay the three recordings; return the output of each by the phase's name."""
    always = (*SHELLY_OPTIONS, "--timezone", "UTC")
    return {
        phase.name: installation.replay(
            phase.file(recordings), meters[phase.name], *always, *options
        )
        for phase in PHASES
    }


def check_phases(world: World, home: Home) -> None:
    for phase in PHASES:
        hours = world.hours(home.client, home.meters[phase.name], *SHELLY_SPAN)
        assert len(hours) == HOURS_WITH_DATA
        assert sum(hours.values()) == phase.total_kwh
        assert max(hours.items(), key=lambda hour: hour[1]) == phase.largest


def test_three_recorded_phases_add_up_exactly(world: World, home: Home):
    for phase in PHASES:
        summary = f"rows read {phase.rows}, sent {phase.rows}, skipped 0"
        assert summary in home.outputs[phase.name]
    check_phases(world, home)
    duplicates = sum(phase.duplicates for phase in PHASES)
    assert home.received == {
        "received": ROWS,
        "stored": ROWS - duplicates,
        "corrected": 0,
        "duplicates": duplicates,
        "rejected": 0,
    }


def test_a_repeated_replay_in_another_order_changes_only_the_duplicates(
    installation: Installation, world: World, recordings: Path, home: Home
):
    before = world.ledger()

    replay(installation, home.meters, recordings, "--shuffle", "7")
    world.await_received(before, ROWS)

    check_phases(world, home)
    assert world.received_since(before) == {
        "received": ROWS,
        "stored": 0,
        "corrected": 0,
        "duplicates": ROWS,
        "rejected": 0,
    }


def test_every_hour_is_the_sum_of_its_readings(installation: Installation, home: Home):
    output = installation.ems("manage", "monitoring_service", "verify_aggregates").stdout

    assert "every hour equals the sum of its readings" in output


@pytest.fixture(scope="module")
def dutch_meters(installation: Installation, world: World, recordings: Path):
    """A Dutch meter's two tariffs as two devices of one client."""
    client, client_id = world.client("dutch")
    file = recordings / "dsmr_reader_hourly_2024" / "dsmrreader-data-export-hour.csv"
    before, meters = world.ledger(), []
    for column in ("2", "3"):
        meter = world.device(client_id, timezone="Europe/Amsterdam", interval_seconds=3600)
        installation.replay(
            file, meter, "--timestamp-column", "1", "--value-column", column, "--unit", "kwh"
        )
        meters.append(meter)
    world.await_received(before, 2 * 8754)
    return client, meters


@pytest.mark.parametrize(
    ("date", "hours", "total"), [("2024-03-31", 23, "7.280"), ("2024-10-27", 25, "6.852")]
)
def test_the_days_on_which_the_clock_changes_have_23_and_25_hours(
    date, hours, total, world: World, dutch_meters
):
    client, meters = dutch_meters
    days = [world.day(client, meter, date) for meter in meters]

    assert [len(day["hourly_data"]) for day in days] == [hours, hours]
    assert sum(Decimal(day["total_daily_consumption"]) for day in days) == Decimal(total)


def test_a_day_is_the_sum_of_its_hours(world: World, dutch_meters):
    client, meters = dutch_meters
    for meter in meters:
        day = world.day(client, meter, "2024-07-04")
        hours = [Decimal(hour["total_consumption"]) for hour in day["hourly_data"]]
        assert sum(hours) == Decimal(day["total_daily_consumption"])


def test_the_hours_of_a_gap_are_null(world: World, dutch_meters):
    client, (meter, _) = dutch_meters
    days = [world.day(client, meter, date) for date in ("2024-03-16", "2024-03-17")]
    missing = [
        hour["start"]
        for day in days
        for hour in day["hourly_data"]
        if hour["total_consumption"] is None
    ]

    assert len(missing) == 29
    # Starts are listed in order; the gap is said to begin after and end before these instants.
    assert (missing[0], missing[-1]) == ("2024-03-16T12:00:00Z", "2024-03-17T16:00:00Z")


def test_readings_of_an_unregistered_device_appear_after_its_registration(
    installation: Installation, world: World
):
    stranger = str(uuid4())
    reading = {"device_id": stranger, "timestamp": "2026-03-01T10:00:00Z", "measurement_value": 1.5}
    installation.publish(reading)

    def is_listed_as_unregistered() -> bool:
        answer = world.admin.get("/api/monitoring/ingestion/unclaimed/").json()
        return stranger in [device["device_id"] for device in answer["results"]]

    wait_until(is_listed_as_unregistered)
    assert world.hours_answer(world.admin, stranger).status_code == 404


def test_a_client_that_insists_on_declaring_the_queue_is_served(
    installation: Installation, world: World
):
    device_id = world.device()
    before = world.ledger()
    reading = {"device_id": device_id, "timestamp": "2024-06-01T10:00:00Z"}

    with installation.channel("declaring_meters") as channel:
        channel.queue_declare("device_data_queue", durable=True)
        body = json.dumps({**reading, "measurement_value": 1}).encode()
        channel.basic_publish("", "device_data_queue", body)

    world.await_received(before, 1)
    assert world.received_since(before)["stored"] == 1


@pytest.mark.parametrize("order", [(), ("--shuffle", "5")], ids=["in order", "shuffled"])
def test_a_recorded_counter_gives_its_differences_by_hour(
    order, installation: Installation, world: World, recordings: Path
):
    file = recordings / "ampds2_b1e" / "Electricity_B1E-11.csv.gz"
    client, client_id = world.client("counter")
    meter = world.device(client_id, reading_kind="cumulative", interval_seconds=60)
    before = world.ledger()

    output = installation.replay(
        file,
        meter,
        *("--timestamp-column", "unix_ts", "--value-column", "Pt", "--unit", "wh", "--cumulative"),
        *order,
    )
    assert "rows read 51210, sent 51210, skipped 0" in output
    world.await_received(before, 51_210)

    hours = world.hours(client, meter, utc(2014, 2, 24), utc(2014, 4, 2))
    assert hours == differences_by_hour(file)
    assert sum(hours.values()) == Decimal("0.945")


def differences_by_hour(file: Path) -> dict[str, Decimal]:
    """Return the kWh by the hour between two registers: one a minute, without a gap."""
    energies: dict[str, Decimal] = {}
    with gzip.open(file, "rt") as lines:
        rows = [(int(row["unix_ts"]), int(row["Pt"])) for row in csv.DictReader(lines)]
    for (at, before), (_, after) in pairwise(rows):
        start = datetime.fromtimestamp(at - at % 3600, UTC).isoformat().replace("+00:00", "Z")
        energies[start] = energies.get(start, Decimal(0)) + Decimal(after - before) / 1000
    return energies
