"""Messages left in the meters' virtual host move to the platform's, unchanged or as foreign."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pika
import pytest
from django.conf import settings

from energy_contracts.names import DEAD_LETTER_EXCHANGE, dead_letter_queue
from service_kit.broker import QueuedMessage, Relocation, Topology, peek, queue_depths
from service_kit.broker.connection import connect
from service_kit.process.signals import StopFlag
from service_kit.testing.waiting import wait_until

METERS, PLATFORM = settings.METERS_RABBITMQ_URL, settings.RABBITMQ_URL


@pytest.fixture
def topology() -> Iterator[Topology]:
    """Declare a queue and an exchange of events where an earlier version left them."""
    name = f"test-{uuid4().hex}"
    topology = Topology(name, dead_letter_queue(name), f"{name}-events", ("#",))
    with connect(METERS, "test") as connection:
        topology.declare(connection.channel())
    yield topology
    for url in (METERS, PLATFORM):
        with connect(url, "test") as connection:
            channel = connection.channel()
            channel.queue_delete(topology.queue)
            channel.queue_delete(topology.dead_letter_queue)
            channel.exchange_delete(topology.exchange)


def publish(exchange: str, key: str, *bodies: bytes, **headers: str) -> None:
    with connect(METERS, "test") as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish(
                exchange, key, body, pika.BasicProperties(headers=headers), mandatory=True
            )


def move_left_queues(topology: Topology) -> None:
    Relocation(METERS, PLATFORM, topology).move_left_queues(StopFlag(heartbeat=False))


def ways(messages: list[QueuedMessage]) -> list[tuple[bytes, str, str]]:
    return [(message.body, message.exchange, message.routing_key) for message in messages]


def test_events_and_dead_letters_left_by_an_earlier_version_keep_their_way_and_order(topology):
    bodies = [b"%d" % number for number in range(250)]
    publish(topology.exchange, "user_updated", *bodies)
    publish(DEAD_LETTER_EXCHANGE, topology.dead_letter_queue, b"bad", **{"x-reason": "not_json"})

    move_left_queues(topology)

    moved = peek(PLATFORM, topology.queue, 300)
    assert ways(moved) == [(body, topology.exchange, "user_updated") for body in bodies]
    (letter,) = peek(PLATFORM, topology.dead_letter_queue, 10)
    assert (letter.body, letter.headers["x-reason"]) == (b"bad", "not_json")
    left = [topology.queue, topology.dead_letter_queue]
    assert queue_depths(METERS, left) == dict.fromkeys(left)


def test_an_event_that_a_meter_wrote_into_the_queue_becomes_a_foreign_dead_letter(topology):
    publish("", topology.queue, b"forged", **{"x-reason": "trust me"})

    move_left_queues(topology)

    assert peek(PLATFORM, topology.queue, 10) == []
    (letter,) = peek(PLATFORM, topology.dead_letter_queue, 10)
    assert letter.body == b"forged"
    assert letter.headers["x-reason"] == "foreign"
    assert "trust me" not in str(letter.headers)


def test_an_event_to_which_the_queue_is_no_longer_bound_is_not_moved(topology):
    publish(topology.exchange, "device_updated", b"not handled")
    publish(topology.exchange, "user_updated", b"handled")

    move_left_queues(replace(topology, binding_keys=("user_updated",)))

    assert [event.body for event in peek(PLATFORM, topology.queue, 10)] == [b"handled"]
    assert queue_depths(METERS, [topology.queue]) == {topology.queue: None}


def test_missing_queues_are_not_created_in_the_virtual_host_of_the_meters(topology):
    move_left_queues(topology)
    move_left_queues(topology)

    assert queue_depths(METERS, [topology.queue]) == {topology.queue: None}
    assert queue_depths(PLATFORM, [topology.queue]) == {topology.queue: 0}


def test_dead_letters_of_the_broker_are_moved_as_they_come_until_the_process_is_to_stop(topology):
    stop = StopFlag(heartbeat=False)
    relocation = Relocation(METERS, PLATFORM, topology)
    with connect(PLATFORM, "test") as connection:
        topology.declare(connection.channel())
    thread = threading.Thread(target=relocation.run, args=[topology.dead_letter_queue, stop])
    thread.start()
    try:
        for number in range(3):
            publish(DEAD_LETTER_EXCHANGE, topology.queue, b"%d" % number)
            wait_until(
                lambda: len(peek(PLATFORM, topology.dead_letter_queue, 10)) == number + 1  # noqa: B023
            )
    finally:
        stop.set()
        thread.join()

    letters = peek(PLATFORM, topology.dead_letter_queue, 10)
    assert {letter.exchange for letter in letters} == {DEAD_LETTER_EXCHANGE}
