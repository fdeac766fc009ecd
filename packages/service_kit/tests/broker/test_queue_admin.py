"""Peeking into queues and moving messages between them, against a real RabbitMQ."""

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
    remove,
    select,
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


def test_peek_returns_the_first_messages_and_leaves_all_in_the_queue(queues):
    queue, _ = queues
    put(queue, "a", "b", "c", headers={"x-reason": "not_json"})

    first = peek(URL, queue, 2)

    assert [(message.message_id, message.body) for message in first] == [
        ("id-a", b"a"),
        ("id-b", b"b"),
    ]
    assert first[0].headers == {"x-reason": "not_json"}
    assert bodies(queue) == ["a", "b", "c"]


def test_a_message_without_an_id_gets_the_same_id_at_each_look(queues):
    queue, _ = queues
    with connect(URL, "test") as connection:
        connection.channel().basic_publish("", queue, b"nameless")

    first, again = peek(URL, queue, 1), peek(URL, queue, 1)

    assert first[0].message_id == again[0].message_id != ""


def test_chosen_messages_move_and_the_others_stay_in_order(queues):
    source, target = queues
    put(source, "a", "b", "c", "d")

    moved = move(URL, source, target, lambda message: message.message_id in {"id-b", "id-d"})

    assert moved == Moved(2, 0, 2)

    assert bodies(source) == ["a", "c"]
    assert bodies(target) == ["b", "d"]


def test_messages_of_several_batches_all_arrive_once(queues):
    source, target = queues
    many = [str(number) for number in range(2 * queue_admin.MOVED_TOGETHER + 7)]
    put(source, *many)

    assert move(URL, source, target, lambda message: True) == Moved(len(many), 0)
    assert queue_depths(URL, queues) == {source: 0, target: len(many)}
    assert bodies(target) == many


def test_a_message_that_returns_during_a_move_is_moved_once(queues):
    source, _ = queues
    put(source, "a", "b")

    assert move(URL, source, source, lambda message: True) == Moved(2, 0)
    assert bodies(source) == ["a", "b"]


def test_a_message_stays_when_its_target_does_not_exist(queues):
    source, _ = queues
    put(source, "a")

    assert move(URL, source, f"missing-{uuid4().hex}", lambda message: True) == Moved(0, 1)
    assert bodies(source) == ["a"]


def test_a_queue_that_does_not_exist_is_an_error():
    with pytest.raises(AMQPError):
        peek(URL, f"missing-{uuid4().hex}", 1)


def test_a_move_stops_at_its_limit_and_reports_that_messages_remain(queues):
    source, target = queues
    put(source, "a", "b", "c", "d")

    def is_chosen(message):
        return message.body != b"a"

    assert move(URL, source, target, is_chosen, limit=2) == Moved(2, 0, 1, more=True)
    assert move(URL, source, target, is_chosen, limit=2) == Moved(1, 0, 1)
    assert bodies(target) == ["b", "c", "d"]
    assert bodies(source) == ["a"]


def test_a_message_names_the_exchange_by_which_it_came(queues):
    queue, _ = queues
    with connect(URL, "test") as connection:
        channel = connection.channel()
        channel.queue_bind(queue, "amq.direct", "the-key")
        channel.basic_publish("amq.direct", "the-key", b"a")
        channel.basic_publish("", queue, b"b")

    ways = [
        (message.body, message.exchange, message.routing_key) for message in peek(URL, queue, 2)
    ]

    assert ways == [(b"a", "amq.direct", "the-key"), (b"b", "", queue)]


class Undecodable(pika.BasicProperties):
    """Properties with a header whose instant pika cannot decode."""

    def encode(self) -> list[bytes]:
        instant = bytes([1]) + b"xT" + (2**63).to_bytes(8, "big")
        return [(1 << 13).to_bytes(2, "big"), len(instant).to_bytes(4, "big") + instant]


def test_headers_that_cannot_be_decoded_hide_no_message(queues):
    source, target = queues
    with connect(URL, "test") as connection:
        connection.channel().basic_publish("", source, b"odd", Undecodable())
    put(source, "b")

    assert bodies(source) == ["odd", "b"]
    assert move(URL, source, target, lambda message: True) == Moved(2, 0)
    assert bodies(target) == ["odd", "b"]


def test_select_returns_the_first_messages_that_match_and_leaves_all(queues):
    queue, _ = queues
    put(queue, "a1", "b", "a2", "a3")

    selected = select(URL, queue, lambda message: message.body.startswith(b"a"), 2)

    assert [message.body for message in selected] == [b"a1", b"a2"]
    assert bodies(queue) == ["a1", "b", "a2", "a3"]


def test_remove_takes_each_message_as_often_as_it_is_named_and_leaves_the_others(queues):
    queue, _ = queues
    for body in ("a", "b", "a", "a"):
        put(queue, body)

    assert remove(URL, queue, ["id-a", "id-a", "id-missing"]) == 2

    assert bodies(queue) == ["b", "a"]
