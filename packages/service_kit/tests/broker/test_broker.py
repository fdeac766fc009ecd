"""Publishing with confirms and consuming in batches, against a real RabbitMQ."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError
from prometheus_client import REGISTRY

from energy_contracts.errors import Reason
from energy_contracts.names import (
    DETAIL_HEADER,
    REASON_HEADER,
    SYNC_EXCHANGE,
    dead_letter_queue,
)
from service_kit.broker import (
    BrokerUnavailable,
    ConfirmingPublisher,
    Message,
    Rejected,
    Topology,
    peek,
)
from service_kit.broker.connection import connect
from service_kit.broker.session import MAX_WAITING_BYTES
from service_kit.process.signals import StopFlag, Stopped
from service_kit.sync.management.commands.consume_sync import sync_topology
from service_kit.testing.deliveries import process_bodies
from service_kit.testing.waiting import wait_until

from .broker_support import (
    Running,
    both_sources,
    declare,
    depth,
    messages,
    publisher,
    queue,
    source,
)

__all__ = ["publisher", "queue", "source"]


def resident_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_every_message_of_a_confirmed_batch_is_in_the_queue(queue, publisher):
    declare(queue)

    assert publisher.publish(messages(queue, [b"%d" % i for i in range(500)])) == set()
    assert depth(queue) == 500


def test_a_message_that_reaches_no_queue_is_reported_as_unconfirmed(queue, publisher):
    declare(queue)
    batch = [*messages(queue, [b"a"]), *messages("no-such-queue", [b"b"]), *messages(queue, [b"c"])]

    assert publisher.publish(batch) == {1}


def test_publishing_without_a_broker_raises_broker_unavailable():
    nowhere = ConfirmingPublisher("amqp://a:b@127.0.0.1:1/", "test")

    with pytest.raises(BrokerUnavailable):
        nowhere.publish(messages("x", [b"a"]))


def test_a_publisher_connects_again_after_it_lost_its_connection(queue, publisher):
    declare(queue)
    publisher.publish(messages(queue, [b"a"]))
    connection = publisher.connect()
    connection.ioloop.add_callback_threadsafe(connection.close)
    wait_until(lambda: connection.is_closed)

    assert publisher.publish(messages(queue, [b"b"])) == set()
    assert depth(queue) == 2


def test_a_publisher_whose_thread_failed_logs_the_error_and_connects_again(
    queue, publisher, caplog
):
    declare(queue)
    publisher.publish(messages(queue, [b"a"]))
    publisher.connect().ioloop.add_callback_threadsafe(lambda: 1 / 0)
    wait_until(lambda: "ZeroDivisionError" in caplog.text)

    assert publisher.publish(messages(queue, [b"b"])) == set()
    assert depth(queue) == 2


def test_an_obsolete_binding_is_removed_and_no_event_is_lost(queue, publisher):
    old = Topology(queue, dead_letter_queue(queue), SYNC_EXCHANGE, ("#",))
    new = sync_topology(queue, {f"{queue}.handled": lambda event: None})
    with connect(settings.RABBITMQ_URL, "test") as connection:
        old.declare(connection.channel())

    def publish(name: str) -> set[int]:
        message = Message(SYNC_EXCHANGE, f"{queue}.{name}", name.encode(), uuid4().hex)
        return publisher.publish([message])

    assert publish("other") == publish("handled") == set()
    for _ in range(2):
        with connect(settings.RABBITMQ_URL, "test") as connection:
            new.declare(connection.channel())
    publish("other")
    assert publish("handled") == set()

    bodies = [message.body for message in peek(settings.RABBITMQ_URL, queue, 10)]
    assert bodies == [b"other", b"handled", b"handled"]


@both_sources
def test_messages_arrive_in_order_and_leave_the_queue_once_processed(queue, publisher):
    topology, seen = declare(queue), []
    publisher.publish(messages(queue, [b"%d" % i for i in range(100)]))

    def process(bodies: list[bytes]) -> list[Rejected]:
        seen.extend(bodies)
        return []

    with Running(topology, process):
        wait_until(lambda: len(seen) == 100)

    assert seen == [b"%d" % i for i in range(100)]
    assert depth(queue) == 0


@both_sources
def test_a_rejected_message_becomes_a_dead_letter_with_its_reason(queue, publisher):
    topology = declare(queue)
    publisher.publish(messages(queue, [b"good", b"bad"]))

    def process(bodies: list[bytes]) -> list[Rejected]:
        return [Rejected(body, "not_good", "it is bad") for body in bodies if body == b"bad"]

    with Running(topology, process):
        wait_until(lambda: depth(topology.dead_letter_queue) == 1)

    with connect(settings.RABBITMQ_URL, "test") as connection:
        _, properties, body = connection.channel().basic_get(topology.dead_letter_queue)
    assert body == b"bad"
    assert properties.headers == {REASON_HEADER: "not_good", DETAIL_HEADER: "it is bad"}
    assert properties.delivery_mode == 2
    assert depth(queue) == 0


@both_sources
def test_a_batch_that_was_not_committed_returns_to_the_queue(queue, publisher):
    topology, tried = declare(queue), threading.Event()
    publisher.publish(messages(queue, [b"%d" % i for i in range(15)]))

    def process(bodies: list[bytes]) -> list[Rejected]:
        tried.set()
        raise Stopped

    with Running(topology, process):
        assert tried.wait(20)

    wait_until(lambda: depth(queue) == 15)


@both_sources
def test_an_event_that_did_not_come_by_the_exchange_is_rejected(queue, publisher):
    topology = Topology(queue, dead_letter_queue(queue), SYNC_EXCHANGE, (f"{queue}.key",))
    with connect(settings.RABBITMQ_URL, "test") as connection:
        topology.declare(connection.channel())
    seen: list[bytes] = []
    publisher.publish(
        [
            Message(SYNC_EXCHANGE, f"{queue}.key", b"ours", uuid4().hex),
            Message("", queue, b"forged", uuid4().hex),
        ]
    )

    def process(bodies: list[bytes]) -> list[Rejected]:
        seen.extend(bodies)
        return []

    with Running(topology, process):
        wait_until(lambda: depth(dead_letter_queue(queue)) == 1)
        wait_until(lambda: depth(queue) == 0)

    assert seen == [b"ours"]


@both_sources
def test_large_messages_wait_at_the_broker_and_not_in_memory(queue, publisher):
    topology, permits, sizes = declare(queue), threading.Semaphore(0), []
    publisher.publish(messages(queue, [bytes(1 << 20)] * 60))

    def process(bodies: list[bytes]) -> list[Rejected]:
        permits.acquire(timeout=30)
        sizes.extend(map(len, bodies))
        return []

    before, held, resident = resident_kilobytes(), [], []
    with Running(topology, process, prefetch=100, max_batch=1) as running:
        # The consumer has received as much as it may hold.
        wait_until(lambda: running.consumer.unacknowledged > MAX_WAITING_BYTES >> 20)
        for number in range(1, 61):
            held.append(running.consumer.unacknowledged)
            resident.append(resident_kilobytes() - before)
            permits.release()
            # To start the next batch, the consumer has to serve its connection.
            wait_until(lambda number=number: len(sizes) == number)

    # Half of the 60 messages of a mebibyte each.
    assert max(held) < 30
    assert max(resident) < 30 << 10


@both_sources
def test_unacknowledged_messages_are_counted_until_they_are_acknowledged(queue, publisher):
    topology, release = declare(queue), threading.Event()
    publisher.publish(messages(queue, [b"%d" % i for i in range(15)]))

    def process(bodies: list[bytes]) -> list[Rejected]:
        release.wait(30)
        return []

    def scraped() -> float | None:
        return REGISTRY.get_sample_value("ems_unacknowledged_messages", {"queue": queue})

    with Running(topology, process) as running:
        wait_until(lambda: running.consumer.unacknowledged == 15)
        assert depth(queue) == 0
        assert scraped() == 15
        release.set()
        wait_until(lambda: running.consumer.unacknowledged == 0)
    assert scraped() == 0


@both_sources
def test_messages_that_returned_to_the_queue_are_not_counted_as_unacknowledged(queue, publisher):
    topology, tried = declare(queue), threading.Event()
    publisher.publish(messages(queue, [b"%d" % i for i in range(15)]))

    def process(bodies: list[bytes]) -> list[Rejected]:
        tried.set()
        raise Stopped

    with Running(topology, process) as running:
        assert tried.wait(20)
        wait_until(lambda: running.consumer.unacknowledged == 15)

    assert running.consumer.unacknowledged == 0


@both_sources
def test_full_batches_are_processed_in_parallel_and_acknowledged_in_order(queue, publisher):
    topology, both = declare(queue), threading.Barrier(2, timeout=20)
    publisher.publish(messages(queue, [b"%d" % i for i in range(20)]))
    seen: list[bytes] = []

    def process(bodies: list[bytes]) -> list[Rejected]:
        both.wait()
        seen.extend(bodies)
        return []

    with Running(topology, process, parallel=2):
        wait_until(lambda: len(seen) == 20)

    assert depth(queue) == 0


@both_sources
def test_an_abandoned_batch_is_not_acknowledged_with_the_next_one(queue, publisher):
    topology, both = declare(queue), threading.Barrier(2, timeout=20)
    publisher.publish(messages(queue, [b"%d" % i for i in range(20)]))

    def process(bodies: list[bytes]) -> list[Rejected]:
        both.wait()
        if b"0" in bodies:
            running.stop.set()
            raise Stopped
        return []

    running = Running(topology, process, parallel=2)
    with running:
        wait_until(running.stop.is_set)

    assert depth(queue) == 20


def test_a_message_on_which_the_work_fails_is_rejected_alone():
    done: list[bytes] = []

    def work(bodies: list[bytes]) -> list[Rejected]:
        if b"poison" in bodies:
            raise ValueError("cannot process this")
        done.extend(bodies)
        return []

    bodies = [b"a", b"b", b"poison", b"c", b"d"]
    (rejected,) = process_bodies(bodies, work, StopFlag())

    assert (rejected.body, rejected.reason) == (b"poison", Reason.HANDLER_FAILED)
    assert done == [b"a", b"b", b"c", b"d"]


@pytest.mark.django_db(transaction=True)
def test_work_is_repeated_while_the_database_is_unavailable_and_no_message_is_rejected():
    attempts: list[int] = []

    def work(bodies: list[bytes]) -> list[Rejected]:
        attempts.append(len(bodies))
        if len(attempts) < 3:
            raise OperationalError("server closed the connection")
        return []

    assert process_bodies([b"a", b"b"], work, StopFlag()) == []
    assert attempts == [2, 2, 2]


def test_waiting_for_the_database_ends_when_the_process_is_to_stop():
    stop = StopFlag()

    def work(bodies: list[bytes]) -> list[Rejected]:
        stop.set()
        raise OperationalError("server closed the connection")

    with pytest.raises(Stopped):
        process_bodies([b"a"], work, stop)
