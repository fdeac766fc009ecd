"""Confirmed messages are in the queue; unconfirmed messages are sent again until confirmed."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from queue import SimpleQueue

import pika
import pytest

from device_simulator.publisher import BrokerRejection, Publisher
from device_simulator.publisher.publisher import MAX_BACKOFF, backoff
from device_simulator.publisher.session import SOCKET_PAIR_ATTEMPTS
from device_simulator.readings import Message


def message(number: int) -> Message:
    return Message(json.dumps({"number": number}).encode(), 1, str(uuid.uuid4()))


def numbers(broker) -> list[int]:
    return [json.loads(body)["number"] for _properties, body in broker.deliveries()]


def without_repetitions(sequence: list[int]) -> list[int]:
    return list(dict.fromkeys(sequence))


@pytest.fixture
def never() -> threading.Event:
    """A stop that nobody asks for."""
    return threading.Event()


def test_messages_arrive_in_order_persistent_and_named(broker, never) -> None:
    sent = [message(number) for number in range(5_000)]

    with Publisher(broker.url, queue=broker.queue) as publisher:
        for each in sent:
            assert publisher.publish(each, never)
        assert publisher.wait_confirmed(60)
        assert (publisher.confirmed, publisher.unconfirmed) == (len(sent), 0)

    deliveries = broker.deliveries()
    assert [body for _, body in deliveries] == [each.body for each in sent]
    assert [properties.message_id for properties, _ in deliveries] == [m.message_id for m in sent]
    assert {properties.delivery_mode for properties, _ in deliveries} == {2}
    assert {properties.content_type for properties, _ in deliveries} == {"application/json"}


def test_a_message_handed_over_after_a_pause_is_sent_at_once(broker, never) -> None:
    with Publisher(broker.url, queue=broker.queue) as publisher:
        for number in range(20):
            publisher.publish(message(number), never)
            assert publisher.wait_confirmed(60)

    assert numbers(broker) == list(range(20))


def test_readings_wait_until_the_platform_has_declared_their_queue(
    broker, never, eventually, caplog
) -> None:
    broker.channel.queue_delete(broker.queue)

    with Publisher(broker.url, queue=broker.queue) as publisher:
        publisher.publish(message(1), never)
        eventually(lambda: f"the queue {broker.queue} was not there" in caplog.text)
        assert publisher.confirmed == 0
        broker.ready()
        assert publisher.wait_confirmed(60)

    assert numbers(broker) == [1]


def test_unconfirmed_messages_are_sent_again_in_order_after_a_lost_connection(
    broker, link, never, eventually
) -> None:
    count = 300
    with Publisher(link.url, queue=broker.queue) as publisher:
        publisher.publish(message(0), never)
        assert publisher.wait_confirmed(60)
        link.swallow_answers.set()
        for number in range(1, count):
            publisher.publish(message(number), never)
        eventually(lambda: broker.ready() == count)
        assert publisher.unconfirmed == count - 1

        link.cut()
        link.mend()

        assert publisher.wait_confirmed(60)
        assert publisher.confirmed == count

    assert numbers(broker) == [*range(count), *range(1, count)]


def test_repeated_outages_of_the_broker_lose_nothing_and_are_logged_once_each(
    broker, link, never, eventually, caplog
) -> None:
    caplog.set_level(logging.INFO, logger="device_simulator")
    sent, outages = 0, 2
    with Publisher(link.url, queue=broker.queue) as publisher:
        for outage in range(outages):
            for _ in range(500):
                publisher.publish(message(sent), never)
                sent += 1
            link.cut()
            tries = link.connections
            for _ in range(200):
                publisher.publish(message(sent), never)
                sent += 1
            eventually(lambda tries=tries: link.connections >= tries + 2)
            link.mend()
            assert publisher.wait_confirmed(60), f"outage {outage}"

    assert without_repetitions(numbers(broker)) == list(range(sent))
    lines = [record.getMessage() for record in caplog.records]
    assert 1 <= sum(line.startswith("waiting for") for line in lines) <= outages
    assert 1 <= sum(line.endswith(" is back") for line in lines) <= outages


def test_a_publisher_waits_for_a_broker_that_is_unavailable_at_the_start(
    broker, link, never, eventually
) -> None:
    link.cut()
    with Publisher(link.url, queue=broker.queue) as publisher:
        publisher.publish(message(1), never)
        eventually(lambda: link.connections >= 2)
        assert publisher.unconfirmed == 1

        link.mend()

        assert publisher.wait_confirmed(60)
    assert numbers(broker) == [1]


def test_readings_are_sent_when_the_system_rejects_a_socket_pair_of_pikas(
    broker, never, monkeypatch
) -> None:
    create, attempts = pika.compat.nonblocking_socketpair, []

    def create_or_reject(*args):
        attempts.append(args)
        if len(attempts) < SOCKET_PAIR_ATTEMPTS:
            raise ConnectionRefusedError
        return create(*args)

    monkeypatch.setattr(pika.compat, "nonblocking_socketpair", create_or_reject)

    with Publisher(broker.url, queue=broker.queue) as publisher:
        publisher.publish(message(1), never)
        assert publisher.wait_confirmed(60)

    assert len(attempts) >= SOCKET_PAIR_ATTEMPTS
    assert numbers(broker) == [1]


def test_a_publisher_reconnects_when_the_broker_confirms_nothing_in_time(
    broker, link, never, eventually, caplog
) -> None:
    with Publisher(link.url, queue=broker.queue, confirm_timeout=1.0) as publisher:
        publisher.publish(message(0), never)
        assert publisher.wait_confirmed(60)
        link.swallow_answers.set()
        publisher.publish(message(1), never)
        eventually(lambda: broker.ready() == 2)
        before = link.to_broker
        # It begins to close, without an answer; then the relay breaks as a dead peer would.
        eventually(lambda: link.to_broker > before)

        link.cut()
        link.mend()

        assert publisher.wait_confirmed(60)
    assert numbers(broker) == [0, 1, 1]
    assert "confirmed nothing in time" in caplog.text


def test_messages_are_sent_again_when_their_queue_was_deleted_and_declared(broker, never) -> None:
    with Publisher(broker.url, queue=broker.queue) as publisher:
        publisher.publish(message(0), never)
        assert publisher.wait_confirmed(60)
        broker.channel.queue_delete(broker.queue)

        publisher.publish(message(1), never)
        broker.ready()

        assert publisher.wait_confirmed(60)
        assert publisher.confirmed == 2
    assert numbers(broker) == [1]


def publish_and_wait(publisher: Publisher, stopped) -> None:
    """Call both: the first call after the broker's answer raises the rejection."""
    publisher.publish(message(1), stopped)
    publisher.wait_confirmed(60)


def test_a_wrong_password_raises_the_answer_of_the_broker(broker_url, never) -> None:
    login, _, place = broker_url.rpartition("@")

    with Publisher(f"{login}-wrong@{place}") as publisher:
        with pytest.raises(BrokerRejection, match="ACCESS_REFUSED"):
            publish_and_wait(publisher, never)
        with pytest.raises(BrokerRejection):
            publisher.publish(message(2), never)


class FullQueue(SimpleQueue[Message]):
    """A queue of confirmed messages that accepts none."""

    def put(self, item: Message, block: bool = True, timeout: float | None = None) -> None:
        raise RuntimeError("no room")


def test_a_failure_of_the_publishers_thread_is_logged_and_raised_in_the_caller(
    broker, never, caplog
) -> None:
    with Publisher(broker.url, queue=broker.queue, confirmed_messages=FullQueue()) as publisher:
        with pytest.raises(BrokerRejection, match="internal error: no room"):
            publish_and_wait(publisher, never)
        with pytest.raises(BrokerRejection):
            publisher.offer(message(2))

    [record] = [record for record in caplog.records if record.exc_info]
    assert record.getMessage() == "the publisher failed"


def test_offers_beyond_the_capacity_discard_and_count_the_oldest(broker, link, eventually) -> None:
    link.cut()
    with Publisher(link.url, queue=broker.queue, capacity=10) as publisher:
        for number in range(25):
            publisher.offer(message(number))
        assert (publisher.discarded, publisher.unconfirmed) == (15, 10)

        link.mend()

        assert publisher.wait_confirmed(60)
    assert numbers(broker) == list(range(15, 25))


def test_a_caller_that_waits_for_room_returns_when_stopped(broker, link) -> None:
    link.cut()
    stop = threading.Event()
    with Publisher(link.url, queue=broker.queue, capacity=2) as publisher:
        assert publisher.publish(message(0), stop)
        assert publisher.publish(message(1), stop)
        stop.set()

        assert not publisher.publish(message(2), stop)
        assert not publisher.wait_confirmed(None, stop)
        assert publisher.unconfirmed == 2


def test_waits_between_tries_grow_to_their_limit_and_are_random() -> None:
    waits = [[backoff(failures) for _ in range(200)] for failures in range(40)]

    assert all(0 <= wait <= min(MAX_BACKOFF, 2**n) for n, ws in enumerate(waits) for wait in ws)
    assert max(waits[0]) < 1 < max(waits[1])
    assert max(waits[-1]) > MAX_BACKOFF / 2
    assert len({round(wait, 6) for wait in waits[-1]}) > 100
