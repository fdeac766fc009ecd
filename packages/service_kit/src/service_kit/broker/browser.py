"""Looking into a queue, and moving messages from one to another, e.g. dead letters back.

Looking takes messages without acknowledging them and gives them back: they keep their places, and
whoever looks at the same time sees the rest. So it is for queues that nobody consumes, and for the
first message of one that somebody does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pika.adapters.blocking_connection import BlockingChannel

from service_kit.broker.connection import connect
from service_kit.broker.publisher import ConfirmingPublisher, Message

#: Messages that are published together before their originals are acknowledged.
MOVED_TOGETHER = 200


@dataclass(frozen=True)
class QueuedMessage:
    """A message in its queue; `message_id` is made from the body where the sender gave none.

    `sent_at` (Unix time) is what the sender said, None if nothing.
    """

    message_id: str
    body: bytes
    headers: dict[str, Any]
    sent_at: int | None


@dataclass(frozen=True)
class Moved:
    """How many messages were moved, and how many of the wanted could not be."""

    moved: int
    failed: int


def peek(url: str, queue: str, limit: int) -> list[QueuedMessage]:
    """The first messages of the queue, left where they are. Raises one of BROKER_AWAY."""
    with connect(url, "queue-browser") as connection:
        return [message for _, message in _take(connection.channel(), queue, limit)]


def move(url: str, source: str, target: str, wanted: Callable[[QueuedMessage], bool]) -> Moved:
    """Move what `wanted` picks of the messages that are in `source` now.

    A message leaves `source` once `target` has confirmed it: a crash in between leaves two, never
    none. Those that come back to `source` meanwhile are not moved again. Raises one of BROKER_AWAY
    or BrokerAway; what was moved until then stays moved.
    """
    publisher = ConfirmingPublisher(url, "queue-mover")
    moved = failed = 0
    try:
        with connect(url, "queue-browser") as connection:
            channel = connection.channel()
            present = channel.queue_declare(source, passive=True).method.message_count
            held: list[tuple[int, QueuedMessage]] = []
            for tag, message in _take(channel, source, present):
                if wanted(message):
                    held.append((tag, message))
                if len(held) == MOVED_TOGETHER:
                    confirmed = _publish(publisher, channel, target, held)
                    moved, failed, held = moved + confirmed, failed + len(held) - confirmed, []
            if held:
                confirmed = _publish(publisher, channel, target, held)
                moved, failed = moved + confirmed, failed + len(held) - confirmed
    finally:
        publisher.close()
    return Moved(moved, failed)


def _take(channel: BlockingChannel, queue: str, limit: int) -> Iterator[tuple[int, QueuedMessage]]:
    """Up to `limit` messages; those not acknowledged return when the connection is closed."""
    for _ in range(limit):
        method, properties, body = channel.basic_get(queue)
        if method is None:
            return
        name = properties.message_id or hashlib.sha256(body).hexdigest()[:32]
        yield (
            method.delivery_tag,
            QueuedMessage(name, body, properties.headers or {}, properties.timestamp),
        )


def _publish(
    publisher: ConfirmingPublisher,
    channel: BlockingChannel,
    target: str,
    held: list[tuple[int, QueuedMessage]],
) -> int:
    """Publish, and acknowledge what was confirmed; how many that were."""
    unconfirmed = publisher.publish(
        # An id of their own: the same message may lie in the queue twice.
        [Message("", target, message.body, uuid4().hex) for _, message in held]
    )
    for position, (tag, _) in enumerate(held):
        if position not in unconfirmed:
            channel.basic_ack(tag)
    return len(held) - len(unconfirmed)
