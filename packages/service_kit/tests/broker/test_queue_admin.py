"""Looking into queues and moving messages between them, against a real RabbitMQ."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pika
import pytest
from django.conf import settings
from pika.exceptions import AMQPError

from service_kit.broker import (
    ConfirmingPublisher,
    Message,
    Moved,
    move,
    peek,
    queue_admin,
    queue_depths,
)
from service_kit.broker.connection import connect

URL = settings.RABBITMQ_URL


@pytest.fixture
def queues() -> Iterator[tuple[str, str]]:
    names = (f"test-{uuid4().hex}", f"test-{uuid4().hex}")
    with connect(URL, "test") as connection:
        for name in names:
            connection.channel().queue_declare(name, durable=True)
    yield names
    with connect(URL, "test") as connection:
        for name in names:
            connection.channel().queue_delete(name)


def put(queue: str, *bodies: str, headers: dict[str, str] | None = None) -> None:
    publisher = ConfirmingPublisher(URL, "test")
    messages = [Message("", queue, body.encode(), f"id-{body}", headers or {}) for body in bodies]
    assert publisher.publish(messages) == set()
    publisher.close()


def bodies(queue: str) -> list[str]:
    return [message.body.decode() for message in peek(URL, queue, 1_000)]


def test_looking_shows_the_first_messages_and_leaves_them_in_their_places(queues):
    queue, _ = queues
    put(queue, "a", "b", "c", headers={"x-reason": "not_json"})

    first = peek(URL, queue, 2)

    assert [(one.message_id, one.body) for one in first] == [("id-a", b"a"), ("id-b", b"b")]
    assert first[0].headers == {"x-reason": "not_json"}
    assert bodies(queue) == ["a", "b", "c"]


def test_a_message_without_an_id_gets_one_that_stays(queues):
    queue, _ = queues
    with connect(URL, "test") as connection:
        connection.channel().basic_publish("", queue, b"nameless")

    first, again = peek(URL, queue, 1), peek(URL, queue, 1)

    assert first[0].message_id == again[0].message_id != ""


def test_the_wanted_messages_move_and_the_others_stay_in_order(queues):
    source, target = queues
    put(source, "a", "b", "c", "d")

    assert move(URL, source, target, lambda one: one.message_id in {"id-b", "id-d"}) == Moved(
        2, 0, 2
    )

    assert bodies(source) == ["a", "c"]
    assert bodies(target) == ["b", "d"]


def test_more_messages_than_are_moved_together_all_arrive_once(queues):
    source, target = queues
    many = [str(number) for number in range(2 * queue_admin.MOVED_TOGETHER + 7)]
    put(source, *many)

    assert move(URL, source, target, lambda one: True) == Moved(len(many), 0)
    assert queue_depths(URL, queues) == {source: 0, target: len(many)}
    assert bodies(target) == many


def test_what_comes_back_while_moving_is_not_moved_for_ever(queues):
    source, _ = queues
    put(source, "a", "b")

    assert move(URL, source, source, lambda one: True) == Moved(2, 0)
    assert bodies(source) == ["a", "b"]


def test_what_the_target_does_not_take_stays(queues):
    source, _ = queues
    put(source, "a")

    assert move(URL, source, f"missing-{uuid4().hex}", lambda one: True) == Moved(0, 1)
    assert bodies(source) == ["a"]


def test_a_queue_that_does_not_exist_is_an_error():
    with pytest.raises(AMQPError):
        peek(URL, f"missing-{uuid4().hex}", 1)


def test_moving_stops_at_its_limit_and_tells_that_there_is_more(queues):
    source, target = queues
    put(source, "a", "b", "c", "d")

    def wanted(one):
        return one.body != b"a"

    assert move(URL, source, target, wanted, limit=2) == Moved(2, 0, 1, more=True)
    assert move(URL, source, target, wanted, limit=2) == Moved(1, 0, 1)
    assert bodies(target) == ["b", "c", "d"]
    assert bodies(source) == ["a"]


def test_a_message_says_by_which_exchange_it_came(queues):
    queue, _ = queues
    with connect(URL, "test") as connection:
        channel = connection.channel()
        channel.queue_bind(queue, "amq.direct", "the-key")
        channel.basic_publish("amq.direct", "the-key", b"a")
        channel.basic_publish("", queue, b"b")

    ways = [(one.body, one.exchange, one.routing_key) for one in peek(URL, queue, 2)]

    assert ways == [(b"a", "amq.direct", "the-key"), (b"b", "", queue)]


class Undecodable(pika.BasicProperties):
    """Headers with an instant that no clock shows."""

    def encode(self) -> list[bytes]:
        instant = bytes([1]) + b"xT" + (2**63).to_bytes(8, "big")
        return [(1 << 13).to_bytes(2, "big"), len(instant).to_bytes(4, "big") + instant]


def test_headers_that_cannot_be_decoded_hide_no_message(queues):
    source, target = queues
    with connect(URL, "test") as connection:
        connection.channel().basic_publish("", source, b"odd", Undecodable())
    put(source, "b")

    assert bodies(source) == ["odd", "b"]
    assert move(URL, source, target, lambda one: True) == Moved(2, 0)
    assert bodies(target) == ["odd", "b"]
