"""Consumers and publishers while the broker, a queue or an exchange is missing."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit
from uuid import uuid4

import pika
import pytest
from django.conf import settings
from pika import frame, spec
from pika.exceptions import ChannelClosedByBroker

from energy_contracts.names import (
    dead_letter_queue,
)
from service_kit.broker import (
    BROKER_UNAVAILABLE,
    BatchConsumer,
    ExchangeMissing,
    Message,
    Rejected,
    Topology,
    session,
)
from service_kit.broker.connection import (
    SOCKET_PAIR_ATTEMPTS,
    connect,
    is_misconfiguration,
)
from service_kit.broker.fast_path import PausableConnection
from service_kit.process.signals import StopFlag
from service_kit.testing.deliveries import on_bodies
from service_kit.testing.waiting import wait_until

from .broker_support import (
    Running,
    both_sources,
    declare,
    delete,
    depth,
    figure,
    messages,
    publisher,
    queue,
    source,
)

__all__ = ["publisher", "queue", "source"]


def test_publishing_to_a_missing_exchange_raises_exchange_missing(queue, publisher):
    with pytest.raises(ExchangeMissing):
        publisher.publish([Message(f"missing-{queue}", "key", b"a", uuid4().hex)])

    declare(queue)
    assert publisher.publish(messages(queue, [b"b"])) == set()


@pytest.fixture
def rejected_socket_pairs(monkeypatch):
    """Have the system reject all but the last of pika's attempts to connect a socket to itself."""
    create, attempts = pika.compat.nonblocking_socketpair, []

    def create_or_reject(*args):
        attempts.append(args)
        if len(attempts) < SOCKET_PAIR_ATTEMPTS:
            raise ConnectionRefusedError
        return create(*args)

    monkeypatch.setattr(pika.compat, "nonblocking_socketpair", create_or_reject)
    return attempts


def test_a_connection_opens_when_the_system_rejects_a_socket_pair_of_its_own(
    rejected_socket_pairs,
):
    with connect(settings.RABBITMQ_URL, "test") as connection:
        assert connection.is_open
    assert len(rejected_socket_pairs) >= SOCKET_PAIR_ATTEMPTS


def test_a_publisher_publishes_when_the_system_rejects_a_socket_pair_of_its_own(
    queue, publisher, rejected_socket_pairs
):
    declare(queue)
    rejected_socket_pairs.clear()

    assert publisher.publish(messages(queue, [b"a"])) == set()
    assert len(rejected_socket_pairs) >= SOCKET_PAIR_ATTEMPTS


def test_a_broker_that_ends_during_the_handshake_is_unavailable_and_not_misconfigured():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        url = f"amqp://a:b@127.0.0.1:{port}/"
        greeting = frame.Method(0, spec.Connection.Start(0, 9, {}, "PLAIN", "en_US")).marshal()

        def serve() -> None:
            client, _ = server.accept()
            client.recv(8)
            client.sendall(greeting)
            client.recv(4_096)
            client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(BROKER_UNAVAILABLE) as raised:
            connect(url, "test")
        thread.join()

    assert not is_misconfiguration(raised.value)


def test_a_wrong_password_is_a_misconfiguration():
    address = urlsplit(settings.RABBITMQ_URL)
    with pytest.raises(BROKER_UNAVAILABLE) as raised:
        connect(f"amqp://meters:wrong@{address.hostname}:{address.port}/", "test")

    assert is_misconfiguration(raised.value)


@both_sources
def test_a_consumer_whose_queue_was_deleted_declares_it_and_continues(queue, publisher, caplog):
    topology, seen = declare(queue), []
    interruptions = {"connection": "test", "cause": "cancelled"}
    before = figure("ems_broker_interruptions_total", **interruptions)

    def process(bodies: list[bytes]) -> list[Rejected]:
        seen.extend(bodies)
        return []

    with Running(topology, process):
        wait_until(lambda: figure("ems_consuming", queue=queue) == 1)
        delete(queue)
        wait_until(lambda: publisher.publish(messages(queue, [b"later"])) == set())
        wait_until(lambda: seen == [b"later"])
        wait_until(lambda: figure("ems_consuming", queue=queue) == 1)

    assert figure("ems_broker_interruptions_total", **interruptions) == before + 1
    assert f"cancelled the consumer of {queue}" in caplog.text
    assert figure("ems_consuming", queue=queue) == 0


@both_sources
def test_messages_received_from_a_deleted_queue_are_still_processed(queue, publisher):
    topology, begun, release = declare(queue), threading.Event(), threading.Event()
    bodies = [b"%d" % i for i in range(20)]
    publisher.publish(messages(queue, bodies))
    seen: list[bytes] = []

    def process(batch: list[bytes]) -> list[Rejected]:
        begun.set()
        assert release.wait(30)
        seen.extend(batch)
        return [Rejected(body, "not_good", "it is bad") for body in batch if body == b"7"]

    with Running(topology, process):
        assert begun.wait(20)
        delete(queue)
        delete(topology.dead_letter_queue)
        wait_until(lambda: depth(queue) == 0)
        release.set()
        wait_until(lambda: len(seen) >= len(bodies))
        wait_until(lambda: depth(topology.dead_letter_queue) == 1)

    assert seen == bodies


@both_sources
def test_messages_received_from_a_deleted_queue_are_processed_before_the_process_stops(
    queue, publisher
):
    topology, begun, release = declare(queue), threading.Event(), threading.Event()
    bodies = [b"%d" % i for i in range(20)]
    publisher.publish(messages(queue, bodies))
    seen: list[bytes] = []

    def process(batch: list[bytes]) -> list[Rejected]:
        begun.set()
        assert release.wait(30)
        seen.extend(batch)
        return []

    with Running(topology, process) as running:
        assert begun.wait(20)
        delete(queue)
        wait_until(lambda: depth(queue) == 0)
        running.stop.set()
        release.set()

    assert seen == bodies


@both_sources
def test_a_queue_that_returns_with_other_properties_ends_the_consumer(queue, publisher):
    topology, begun, release = declare(queue), threading.Event(), threading.Event()
    publisher.publish(messages(queue, [b"a", b"b"]))
    seen: list[bytes] = []

    def process(batch: list[bytes]) -> list[Rejected]:
        begun.set()
        assert release.wait(30)
        seen.extend(batch)
        return []

    running = Running(topology, process, max_batch=1)
    errors: list[BaseException] = []

    def run() -> None:
        try:
            running.consumer.run()
        except ChannelClosedByBroker as error:
            errors.append(error)

    running.thread = threading.Thread(target=run)
    with running:
        assert begun.wait(20)
        with connect(settings.RABBITMQ_URL, "test") as connection:
            channel = connection.channel()
            channel.queue_delete(queue)
            channel.queue_declare(queue, durable=False)
        release.set()
        running.thread.join(30)

    assert seen == [b"a", b"b"]
    assert "PRECONDITION_FAILED" in str(errors[0])


@both_sources
def test_a_deleted_exchange_and_a_deleted_dead_letter_queue_are_declared_again(
    queue, publisher, monkeypatch
):
    monkeypatch.setattr(session, "RENEW_SECONDS", 0.2)
    exchange = f"{queue}-exchange"
    topology, seen = Topology(queue, dead_letter_queue(queue), exchange, ("#",)), []

    def process(bodies: list[bytes]) -> list[Rejected]:
        seen.extend(bodies)
        return []

    def published() -> bool:
        try:
            return publisher.publish([Message(exchange, "key", b"a", uuid4().hex)]) == set()
        except ExchangeMissing:
            return False

    with Running(topology, process):
        wait_until(published)
        with connect(settings.RABBITMQ_URL, "test") as connection:
            connection.channel().exchange_delete(exchange)
            connection.channel().queue_delete(dead_letter_queue(queue))
        wait_until(lambda: depth(dead_letter_queue(queue)) == 0)
        wait_until(published)
        wait_until(lambda: len(seen) == 2)
    with connect(settings.RABBITMQ_URL, "test") as connection:
        connection.channel().exchange_delete(exchange)


@both_sources
@pytest.mark.parametrize("error", [ValueError("broken"), OSError("broken")])
def test_an_error_of_the_work_ends_the_consumer_and_is_not_taken_for_an_outage(
    error, queue, publisher
):
    topology = declare(queue)
    publisher.publish(messages(queue, [b"a"]))
    stop, raised = StopFlag(), []

    def process(bodies: list[bytes]) -> list[Rejected]:
        raise error

    def run() -> None:
        try:
            BatchConsumer(
                settings.RABBITMQ_URL,
                "test",
                topology,
                on_bodies(process),
                stop,
                prefetch=1,
                max_batch=1,
            ).run()
        except Exception as caught:
            raised.append(caught)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    ended = not thread.is_alive()
    stop.set()
    thread.join(20)

    assert ended
    assert error in (raised[0], raised[0].__cause__)


@both_sources
def test_a_consumer_stops_while_its_socket_is_paused(queue, publisher, monkeypatch, caplog):
    """Stopping cancels the consumer at the broker, whose answer comes by the paused socket."""
    topology, begun, release = declare(queue), threading.Event(), threading.Event()
    paused, pause = threading.Event(), PausableConnection.pause

    def observed(connection: PausableConnection, on: bool) -> None:
        pause(connection, on)
        if on:
            paused.set()

    monkeypatch.setattr(PausableConnection, "pause", observed)
    publisher.publish(messages(queue, [bytes(1 << 20)] * 40))

    def process(bodies: list[bytes]) -> list[Rejected]:
        begun.set()
        release.wait(30)
        return []

    with Running(topology, process, prefetch=100, max_batch=1) as running:
        assert begun.wait(20)
        assert paused.wait(20)
        running.stop.set()
        release.set()

    assert "No activity or too many missed heartbeats" not in caplog.text
