"""Kills of processes while readings arrive: none is lost, none is counted twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from service_kit.testing.waiting import wait_until

from ...support.installation import READINGS_QUEUE, Installation, World
from ...support.recordings import HOURS_WITH_DATA, PHASES, SHELLY_OPTIONS, SHELLY_SPAN


@pytest.fixture
def replayed(installation: Installation, world: World, recordings: Path):
    """A meter whose recording is being sent, one reading a message, shuffled."""
    client, client_id = world.client("crash")
    phase = PHASES[2]
    meter = world.device(client_id, name="crash")
    installation.take_dead_letters()  # other tests' bad messages
    before = world.ledger()
    replay = installation.start_replay(
        phase.file(recordings),
        meter,
        *SHELLY_OPTIONS,
        *("--timezone", "UTC", "--shuffle", "3", "--batch", "1"),
    )
    yield client, phase, meter, before, replay
    replay.wait(timeout=300)


def test_kills_of_ingest_and_restarts_of_servers_during_a_replay_lose_nothing(
    installation: Installation, world: World, replayed
):
    client, phase, meter, before, replay = replayed
    killed = 0
    restarts = installation.process("monitoring-ingest")["restarts"]
    for count in range(1, 6):
        # Killed when some thousand more readings have been committed, so in mid-batch.
        goal = count * 5_000
        wait_until(lambda goal=goal: world.received_since(before)["received"] >= goal, 120)
        pid = installation.process("monitoring-ingest")["pid"]
        installation.ems("kill", "monitoring-ingest", "KILL")
        wait_until(
            lambda pid=pid: installation.process("monitoring-ingest")["pid"] not in (None, pid)
        )
        killed += 1
        if count == 2:
            installation.ems("restart", "rabbitmq")
        if count == 4:
            installation.ems("restart", "postgres")
            wait_until(lambda: world.admin.get("/api/monitoring/ingestion/").status_code == 200)
    output, _ = replay.communicate(timeout=300)

    assert replay.returncode == 0, output
    assert f"sent {phase.rows}" in output
    wait_until(lambda: installation.depth(READINGS_QUEUE) == 0, 120)
    world.await_received(before, phase.rows)

    hours = world.hours(client, meter, *SHELLY_SPAN)
    assert len(hours) == HOURS_WITH_DATA
    assert sum(hours.values()) == phase.total_kwh
    assert installation.take_dead_letters() == []
    grown = world.received_since(before)
    assert grown["stored"] == phase.rows - phase.duplicates
    assert grown["rejected"] == 0
    assert killed == 5
    assert installation.process("monitoring-ingest")["restarts"] >= restarts + killed
