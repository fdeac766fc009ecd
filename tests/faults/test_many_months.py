"""Many months of readings, and messages that ingest holds: every stall is reported."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from service_kit.testing.waiting import wait_until

from ..support.installation import READINGS_QUEUE, Installation, World
from .id_ledger import IdLedger, expect_nothing_lost

#: Each month of 25 years; no test here has readings of these years but the one below.
MONTHS = [datetime(2000 + at // 12, at % 12 + 1, 1, tzinfo=UTC) for at in range(300)]

#: Registers of a device, a quarter of an hour apart, from here; and single ones of long ago.
BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
LONG_AGO = [datetime(2003, 5, 5, tzinfo=UTC), datetime(2015, 7, 31, 23, 59, tzinfo=UTC)]
REGISTERS = 3_000


def make_months(installation: Installation) -> None:
    with installation.database("monitoring_service") as connection, connection.cursor() as cursor:
        for begin in MONTHS:
            end = (begin + timedelta(days=31)).replace(day=1)
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS reading_{begin:%Y_%m} PARTITION OF reading "
                "FOR VALUES FROM (%s) TO (%s)",
                [begin, end],
            )
            connection.commit()


def registers_of(device_id: str) -> list[dict[str, object]]:
    instants = LONG_AGO + [BEGIN + timedelta(minutes=15 * at) for at in range(REGISTERS)]
    return [
        {
            "device_id": device_id,
            "timestamp": instant.isoformat(),
            "measurement_value": 100 + number / 100,
        }
        for number, instant in enumerate(instants)
    ]


def stored(installation: Installation, device_id: str) -> int:
    ((count,),) = installation.query(
        "monitoring_service",
        "SELECT count(*) FROM reading JOIN device ON key = device_key WHERE device_id = %s",
        device_id,
    )
    return int(count)


def test_registers_are_stored_in_time_by_devices_with_300_months(
    installation: Installation, world: World
):
    make_months(installation)
    meters = [
        world.device(reading_kind="cumulative", interval_seconds=900, **power)
        for power in ({}, {"max_power_kw": 11.0})
    ]
    witness = world.device(name="witness")
    shuffled = random.Random(1)
    with IdLedger(world) as flow:
        flow.await_confirmed(300)
        sent = [register for meter in meters for register in registers_of(meter)]
        shuffled.shuffle(sent)
        arrays = [sent[at : at + 500] for at in range(0, len(sent), 500)]
        reading = {
            "device_id": witness,
            "timestamp": BEGIN.isoformat(),
            "measurement_value": 1.5,
        }
        installation.publish(*arrays, arrays[0], reading)
        wait_until(lambda: stored(installation, witness) == 1, 120, "the witness is held up")
        flow.await_confirmed(300)

    expect_nothing_lost(flow)
    assert [stored(installation, meter) for meter in meters] == [REGISTERS + len(LONG_AGO)] * 2
    assert flow.world.received_since(flow.before)["duplicates"] >= len(arrays[0])
    verified = installation.ems("manage", "monitoring_service", "verify_aggregates").stdout
    assert "equals the sum" in verified


def test_messages_that_ingest_holds_are_counted_while_a_table_is_locked(
    installation: Installation, world: World
):
    def unacknowledged() -> tuple[int | None, int | None]:
        """Return the output of the command and the answer of the service."""
        answer = world.admin.get("/api/monitoring/ingestion/").json()
        queue = installation.status()["queues"][READINGS_QUEUE]
        return queue["unacknowledged"], answer["unacknowledged_messages"]

    device_id = world.device()
    wait_until(lambda: unacknowledged() == (0, 0))
    before = world.ledger()
    with installation.database("monitoring_service") as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE hour IN ACCESS EXCLUSIVE MODE")
        readings = [
            {"device_id": device_id, "timestamp": instant.isoformat(), "measurement_value": 0.1}
            for instant in (BEGIN + timedelta(seconds=at) for at in range(300))
        ]
        installation.publish(*readings)
        wait_until(lambda: unacknowledged() == (300, 300), 60, "what ingest holds is not shown")
        assert installation.depth(READINGS_QUEUE) == 0
        connection.rollback()
    world.await_received(before, 300)
    wait_until(lambda: unacknowledged() == (0, 0))
    assert world.received_since(before)["rejected"] == 0
