"""An administrator deletes queues and exchanges under a running platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pika
import pytest

from service_kit.testing.waiting import wait_until

from ..support.installation import READINGS_QUEUE, Installation, World
from ..support.levers import broker_control, down, standing_still
from .id_ledger import BATCH, IdLedger, restarts_of

INGEST = "monitoring-ingest"
DELETIONS = 3


@pytest.fixture
def flow(world: World) -> Iterator[IdLedger]:
    """Readings are arriving while the test goes on."""
    with IdLedger(world) as ledger:
        yield ledger


def is_consuming(installation: Installation) -> bool:
    return installation.process(INGEST)["consuming"] is True


def ready(installation: Installation) -> int | None:
    """Return the readings that no consumer has; None while the broker starts."""
    queue = installation.status()["queues"].get(READINGS_QUEUE)
    return None if queue is None else queue["ready"]


def receivers_of(installation: Installation, event: str) -> set[str]:
    """Return the queues that receive the sync events of a type."""
    columns = ("source_name", "destination_name", "routing_key")
    bindings = broker_control(installation, "list_bindings", "-p", "platform", "-q", *columns)
    rows = (row.split("\t") for row in bindings.splitlines())
    return {queue for source, queue, key in rows if (source, key) == ("sync_exchange", event)}


def test_ingest_declares_the_queue_of_readings_again_when_it_is_deleted_under_load(
    installation: Installation, flow: IdLedger
):
    """Readings that ingest received are stored, and all that are confirmed once the queue exists.

    Messages in the queue, or on their way into it, are lost with it: the broker confirms messages
    to a queue that ends. Here ingest keeps up, so that this is at most one batch a deletion.
    """
    before, restarts = installation.process(INGEST), restarts_of(installation, INGEST)
    # A batch that is still being confirmed may be on its way; those before are received.
    received = set(sorted(flow.confirmed)[:-BATCH])
    for _ in range(DELETIONS):
        broker_control(installation, "delete_queue", READINGS_QUEUE)
        flow.await_confirmed(300)
    wait_until(lambda: is_consuming(installation))
    confirmed_before = set(flow.confirmed)
    flow.await_confirmed(300)
    flow.__exit__()

    account = flow.account()
    stored = flow.stored()
    assert account.doubled == account.dead_lettered == 0
    assert account.lost <= DELETIONS * BATCH
    assert received <= stored
    assert flow.confirmed - confirmed_before <= stored
    assert installation.process(INGEST)["interruptions"] >= before["interruptions"] + DELETIONS
    assert restarts_of(installation, INGEST) == restarts


def test_no_reading_is_lost_when_policies_of_the_queue_change_under_load(
    installation: Installation, flow: IdLedger
):
    """Ingest goes on under each policy, nothing is lost, and no process is started again."""
    restarts = restarts_of(installation, INGEST)
    for definition in ('{"max-length": 1000000}', '{"queue-mode": "lazy"}', '{"expires": 3600000}'):
        broker_control(
            installation, "set_policy", "test", f"^{READINGS_QUEUE}$", definition, "--apply-to",
            "queues",
        )  # fmt: skip
        flow.await_confirmed(300)
    broker_control(installation, "clear_policy", "test")
    flow.await_confirmed(300)
    wait_until(lambda: is_consuming(installation))
    flow.__exit__()

    account = flow.account()
    assert account.doubled == account.dead_lettered == account.lost == 0
    assert flow.confirmed <= flow.stored()
    assert restarts_of(installation, INGEST) == restarts


def test_services_declare_deleted_queues_and_exchange_of_changes_again(
    installation: Installation, world: World
):
    """Receivers declare them again within seconds; a change made meanwhile reaches both."""
    receivers = ("device_service", "monitoring_service")
    # A change that is published between the returns of the two reaches one of them (known limits).
    with standing_still(installation, "auth-relay"):
        for name in receivers:
            with installation.channel(name, "platform") as channel:
                channel.queue_delete(f"sync_queue.{name}")
        with installation.channel("auth_service", "platform") as channel:
            channel.exchange_delete("sync_exchange")
        username, password = f"after-{uuid4().hex[:8]}", f"a-{uuid4().hex}"
        body = {"username": username, "password": password, "role": "client"}
        user_id = world.admin.post("/api/users/", body).json()["id"]
        queues = {f"sync_queue.{name}" for name in receivers}
        wait_until(lambda: receivers_of(installation, "user_created") == queues, 60)

    known = "SELECT 1 FROM known_user WHERE id = %s", user_id
    for service in receivers:
        wait_until(lambda service=service: installation.query(service, *known), 60)
    session = installation.session(username, password)
    assert session.get("/api/monitoring/devices/").status_code == 200


def test_events_that_an_earlier_version_left_with_the_meters_are_applied(
    installation: Installation, world: World
):
    """Services had no virtual host of their own then; the old queue is deleted afterwards."""
    service, queue = "device_service", "sync_queue.device_service"
    _, user_id = world.client("left")
    known = "SELECT 1 FROM known_user WHERE id = %s", user_id
    wait_until(lambda: installation.query(service, *known), 60)
    ((event,),) = installation.query(
        "auth_service", "SELECT body FROM outbox_event WHERE body LIKE %s", f"%{user_id}%"
    )
    with down(installation, "device-sync"):
        installation.query(service, "DELETE FROM known_user WHERE id = %s RETURNING id", user_id)
        with every_right_with_the_meters(installation, "auth_service") as channel:
            channel.exchange_declare("sync_exchange", "topic", durable=True)
            channel.queue_declare(queue, durable=True)
            channel.queue_bind(queue, "sync_exchange", "#")
            channel.confirm_delivery()
            persistent = pika.BasicProperties(delivery_mode=2)
            channel.basic_publish("sync_exchange", "user_created", event.encode(), persistent)
            channel.exchange_delete("sync_exchange")
        assert queue in broker_control(installation, "list_queues", "-p", "/")

    wait_until(lambda: installation.query(service, *known), 60)
    assert queue not in broker_control(installation, "list_queues", "-p", "/")


@contextmanager
def every_right_with_the_meters(installation: Installation, user: str) -> Iterator[Any]:
    """Yield a channel in the meters' virtual host of a user who has every right there."""
    rights = ("set_permissions", "-p", "/", user)
    broker_control(installation, *rights, ".*", ".*", ".*")
    try:
        with installation.channel(user) as channel:
            yield channel
    finally:
        broker_control(installation, *rights, "^$", "^$", "^$")


def test_a_message_that_the_broker_moved_itself_reaches_the_dead_letters(
    installation: Installation,
):
    body = f"moved {uuid4()}".encode()
    with installation.channel("monitoring_service") as channel:
        channel.confirm_delivery()
        channel.basic_publish("dead_letter_exchange", READINGS_QUEUE, body, mandatory=True)

    with installation.channel("monitoring_service", "platform") as channel:
        wait_until(lambda: channel.basic_get(f"{READINGS_QUEUE}.dead", True)[2] == body, 60)


def test_readings_are_stored_soon_after_the_broker_restarted_under_a_paused_ingest(
    installation: Installation, world: World
):
    device_id = world.device()
    before = world.ledger()
    with standing_still(installation, INGEST):
        reading = {"device_id": device_id, "measurement_value": 1}
        installation.publish(
            *[{**reading, "timestamp": f"2024-06-01T10:0{n}:00Z"} for n in range(5)]
        )
        installation.ems("restart", "rabbitmq")
        # While the broker starts it has no queues.
        wait_until(lambda: ready(installation) == 5, 60)

    world.await_received(before, 5, 30)


def test_status_names_a_consumer_that_does_nothing(installation: Installation):
    with standing_still(installation, INGEST):
        assert installation.process(INGEST)["answers"] is False
        assert "does not answer" in installation.ems("status").stdout
    with down(installation, "rabbitmq"):
        wait_until(lambda: installation.process(INGEST)["consuming"] is False)
        assert "consumes nothing" in installation.ems("status").stdout
    wait_until(lambda: is_consuming(installation), 60)
