"""Faults under load, on the real servers: confirmed = stored or dead-lettered, nothing twice."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import psycopg2
import pytest

from service_kit.testing.waiting import wait_until

from ..support.installation import READINGS_QUEUE, Installation, World
from ..support.levers import broker_control, down, standing_still, started
from .id_ledger import IdLedger, expect_nothing_lost, restarts_of

#: Seconds of an outage; the complete run on every change takes a shorter time.
OUTAGE = float(os.environ.get("FAULT_OUTAGE_SECONDS", "60"))

INGEST = "monitoring-ingest"


@pytest.fixture
def flow(world: World) -> Iterator[IdLedger]:
    """Readings are arriving while the test goes on."""
    with IdLedger(world) as ledger:
        yield ledger


def pause(seconds: float) -> None:
    """Let the fault last; no condition ends it earlier."""
    time.sleep(seconds)


def end(flow: IdLedger, more: int = 300) -> None:
    """Continue the load for a while after the fault, then end it."""
    flow.await_confirmed(more, 180)
    flow.__exit__()


@pytest.mark.parametrize("place", ["ingest-before-commit", "ingest-before-ack"])
def test_no_reading_is_lost_when_a_consumer_is_killed_ten_times_in_a_row(
    place, installation: Installation, flow: IdLedger
):
    with standing_still(installation, INGEST):
        for _ in range(10):
            flow.await_confirmed(50)
            with started(
                installation, "monitoring_service", "consume_measurements", EMS_FAILPOINT=place
            ) as consumer:
                assert consumer.wait(60) == -signal.SIGKILL
    end(flow)

    expect_nothing_lost(flow)


def test_no_reading_is_lost_when_a_consumer_is_ended_by_sigterm_under_load(
    installation: Installation, flow: IdLedger
):
    for _ in range(3):
        installation.ems("restart", INGEST)
        flow.await_confirmed(200)
    end(flow)

    expect_nothing_lost(flow)


def test_no_reading_is_lost_when_the_broker_is_killed(installation: Installation, flow: IdLedger):
    before = restarts_of(installation, "rabbitmq")
    installation.ems("kill", "rabbitmq", "KILL")
    wait_until(lambda: restarts_of(installation, "rabbitmq") > before, 60)
    end(flow)

    expect_nothing_lost(flow)


def test_no_reading_is_lost_when_the_broker_is_restarted(
    installation: Installation, flow: IdLedger
):
    installation.ems("restart", "rabbitmq")
    end(flow)

    expect_nothing_lost(flow)


@pytest.mark.parametrize("outage", [down, standing_still])
def test_no_reading_is_lost_when_the_broker_is_unavailable(
    outage, installation: Installation, flow: IdLedger
):
    """Requests are answered meanwhile; their changes are published when the broker is back."""
    with outage(installation, "rabbitmq"):
        device = {"name": "new", "device_type": "smart_meter", "serial_number": uuid4().hex}
        answer = flow.world.admin.post("/api/devices/", device)
        assert answer.status_code == 201
        pause(OUTAGE)
    end(flow)

    expect_nothing_lost(flow)
    device_id = answer.json()["id"]
    wait_until(lambda: flow.world.hours_answer(flow.world.admin, device_id).status_code == 200)


def test_workers_wait_when_they_start_before_the_broker(installation: Installation, flow: IdLedger):
    """The workers wait for the broker instead of ending; requests that only read are answered."""
    workers = ("monitoring-ingest", "monitoring-sync", "device-relay", "monitoring-web")
    with down(installation, "rabbitmq"):
        before = {name: installation.process(name)["pid"] for name in workers}
        for name in workers:
            installation.ems("restart", name)
        wait_until(lambda: not before.items() & pids(installation, workers).items())
        restarts = {name: restarts_of(installation, name) for name in workers}
        wait_until(lambda: world_answers(flow.world), 60)
        pause(OUTAGE / 4)
    end(flow)

    expect_nothing_lost(flow)
    assert {name: restarts_of(installation, name) for name in workers} == restarts


def pids(installation: Installation, names: tuple[str, ...]) -> dict[str, int | None]:
    return {name: installation.process(name)["pid"] for name in names}


def test_no_reading_is_lost_when_the_disk_of_the_broker_is_full(
    installation: Installation, flow: IdLedger
):
    """Publishers are held back; readings in the queue are still stored."""
    broker_control(installation, "set_disk_free_limit", "1000GB")
    try:
        connections = "list_connections", "--silent", "state"
        wait_until(lambda: "blocked" in broker_control(installation, *connections), 60)
        wait_until(lambda: installation.depth(READINGS_QUEUE) == 0)
        pause(OUTAGE / 2)
    finally:
        broker_control(installation, "set_disk_free_limit", "1GB")
    end(flow)

    expect_nothing_lost(flow)


def test_no_reading_is_lost_when_the_database_restarts_without_warning(
    installation: Installation, flow: IdLedger
):
    ingest = restarts_of(installation, INGEST)
    # SIGQUIT is what `pg_ctl restart -m immediate` sends: no checkpoint, recovery at the start.
    installation.ems("kill", "postgres", "QUIT")
    wait_until(lambda: world_answers(flow.world), 60)
    end(flow)

    expect_nothing_lost(flow)
    assert restarts_of(installation, INGEST) == ingest, "workers outlive their database"


def world_answers(world: World) -> bool:
    return world.admin.get("/api/monitoring/ingestion/").status_code == 200


@pytest.mark.parametrize("outage", [down, standing_still])
def test_no_reading_is_lost_when_the_database_is_unavailable(
    outage, installation: Installation, flow: IdLedger
):
    ingest = restarts_of(installation, INGEST)
    with outage(installation, "postgres"):
        pause(OUTAGE)
    end(flow)

    expect_nothing_lost(flow)
    assert restarts_of(installation, INGEST) == ingest


def test_no_reading_is_lost_when_a_table_is_locked(installation: Installation, flow: IdLedger):
    with installation.database("monitoring_service") as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE hour IN ACCESS EXCLUSIVE MODE")
        pause(OUTAGE / 2)
        connection.rollback()
    end(flow)

    expect_nothing_lost(flow)


def test_no_reading_is_lost_when_the_disk_of_the_database_is_full(
    installation: Installation, flow: IdLedger
):
    """Each insert fails as on a full disk; the batch is held, nothing is rejected."""
    with installation.database("monitoring_service") as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$; "
            "CREATE TRIGGER no_space BEFORE INSERT ON ledger_minute EXECUTE FUNCTION no_space()"
        )
        connection.commit()
        pause(OUTAGE / 4)
        cursor.execute("DROP TRIGGER no_space ON ledger_minute; DROP FUNCTION no_space()")
        connection.commit()
    end(flow)

    expect_nothing_lost(flow)


def test_no_reading_is_lost_when_the_database_reports_a_deadlock(
    installation: Installation, flow: IdLedger
):
    """Another session takes locks in the other order: the server ends one of the two."""
    waiting = "SELECT 1 FROM pg_locks WHERE relation = 'ledger_minute'::regclass AND NOT granted"
    with installation.database("monitoring_service") as connection:
        for _ in range(5):
            try:
                with connection.cursor() as cursor:
                    cursor.execute("LOCK TABLE ledger_minute IN ACCESS EXCLUSIVE MODE")
                    wait_until(lambda: installation.query("monitoring_service", waiting))
                    cursor.execute("LOCK TABLE reading IN ACCESS EXCLUSIVE MODE")
                connection.commit()
            except psycopg2.errors.DeadlockDetected:
                connection.rollback()
    end(flow)

    expect_nothing_lost(flow)


def test_duplicates_disorder_and_poison_change_no_sum(installation: Installation, flow: IdLedger):
    flow.await_confirmed(300)
    numbers = sorted(flow.confirmed)[:200]
    poison = [b"\x00", b"{}", b"[1]", b"NaN", b"[" * (2 << 20)]
    for body in poison:
        installation.publish(body, *[flow.reading(n) for n in reversed(numbers)])
    flow.__exit__()

    account = flow.account()
    assert (account.lost, account.doubled, account.dead_lettered) == (0, 0, 0)
    totals = flow.world.received_since(flow.before)
    assert totals["rejected"] == len(poison)
    assert totals["duplicates"] >= len(poison) * len(numbers)


def test_array_elements_that_cannot_be_decoded_are_dead_letters_alone(
    installation: Installation, flow: IdLedger
):
    """Each element is rejected alone, with a reason of the contract; those beside it are stored."""
    bad = [
        b'{"device_id": "\\ud800"}',
        b'{"timestamp": "\xff"}',
        b'{"a": }',
        b"[" * 900 + b"]" * 900,
    ]
    installation.take_dead_letters()
    fresh = range(1_000_000, 1_001_000)
    for begin in fresh[::50]:
        elements = [json.dumps(flow.reading(n)).encode() for n in range(begin, begin + 50)]
        installation.publish(b"[" + b",".join([*bad, *elements, *bad]) + b"]")
    flow.await_confirmed(300)
    flow.__exit__()

    rejected = len(fresh) // 50 * 2 * len(bad)
    wait_until(lambda: installation.depth(f"{READINGS_QUEUE}.dead") == rejected)
    assert flow.world.received_since(flow.before)["rejected"] == rejected
    assert set(fresh) <= flow.stored()
    reasons = {reason for reason, _ in installation.take_dead_letters()}
    assert reasons == {"wrong_type", "invalid_timestamp", "not_json", "wrong_shape"}
    account = flow.account()
    assert (account.lost, account.doubled, account.dead_lettered) == (0, 0, 0)


def test_readings_that_arrive_before_their_device_appear_after_its_event(
    installation: Installation, world: World
):
    """A device that is registered later, under the id that it sends, has all its readings."""
    with IdLedger(world, device_id=str(uuid4())) as flow:
        assert world.hours_answer(world.admin, flow.device_id).status_code == 404
        world.device(id=flow.device_id)
        flow.await_confirmed(300)

    expect_nothing_lost(flow)


def test_readings_in_flight_of_a_deleted_device_are_dead_letters(
    installation: Installation, flow: IdLedger
):
    answer = flow.world.admin.request("DELETE", f"/api/devices/{flow.device_id}/")
    assert answer.status_code == 204
    # Readings continue to arrive, before and after monitoring_service has the event.
    wait_until(lambda: flow.world.hours_answer(flow.world.admin, flow.device_id).status_code == 404)
    end(flow)

    account = flow.account()
    assert (account.lost, account.doubled) == (0, 0)
    assert account.dead_lettered > 0
    assert account.stored > 0


def test_no_reading_is_lost_when_redis_is_unavailable(installation: Installation, flow: IdLedger):
    with down(installation, "redis"):
        pause(OUTAGE / 4)
    end(flow)

    expect_nothing_lost(flow)


def test_signed_in_users_are_served_when_auth_service_is_unavailable(
    installation: Installation, flow: IdLedger
):
    """Signed-in users continue: no request goes from one service to another."""
    _, user_id = flow.world.client("later")
    heard = "SELECT 1 FROM known_user WHERE id = %s", user_id
    wait_until(lambda: installation.query("device_service", *heard), 150, "no sync of devices")
    with down(installation, "auth-web"):
        assert world_answers(flow.world)
        answer = flow.world.admin.get("/api/devices/")
        assert answer.status_code == 200
        flow.world.assign(flow.device_id, user_id)
    wait_until(lambda: flow.world.admin.get("/api/users/").status_code == 200, 60)
    end(flow)

    expect_nothing_lost(flow)


def test_two_relays_publish_each_event(installation: Installation, world: World, flow: IdLedger):
    """The second relay waits: each event is published once, in order."""
    with started(installation, "auth_service", "relay_outbox"):
        users = [world.client("relay") for _ in range(3)]
        for session, _ in users:
            assert session.get("/api/monitoring/devices/").status_code == 200
        waiting = "SELECT count(*) FROM outbox_event WHERE published_at IS NULL"
        wait_until(lambda: installation.query("auth_service", waiting) == [(0,)])
    end(flow)

    expect_nothing_lost(flow)


def test_two_more_consumers_share_the_queue_without_loss(
    installation: Installation, flow: IdLedger
):
    with ExitStack() as others:
        for _ in range(2):
            others.enter_context(
                started(installation, "monitoring_service", "consume_measurements")
            )
        repeat = threading.Thread(
            target=lambda: installation.publish(*[flow.reading(n) for n in range(200)] * 3)
        )
        repeat.start()
        flow.await_confirmed(1_000)
        repeat.join()
    end(flow)

    expect_nothing_lost(flow)


def test_a_reading_of_a_month_without_a_partition_is_stored(
    installation: Installation, world: World
):
    """The readings of this test are of January; the tables were made for today."""
    with IdLedger(world) as flow:
        flow.await_confirmed(300)
    expect_nothing_lost(flow)

    installation.ems("manage", "monitoring_service", "run_maintenance", "--once")

    expect_nothing_lost(flow)
    assert (
        "equals the sum"
        in installation.ems("manage", "monitoring_service", "verify_aggregates").stdout
    )
    assert installation.depth(READINGS_QUEUE) == 0
