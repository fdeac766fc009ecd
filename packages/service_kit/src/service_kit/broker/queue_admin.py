"""Operations on queues: peek into one, remove messages, and move messages from one to another.

Peeking takes messages without acknowledging them and returns them, so that they keep their places.
A second program that peeks at the same time sees only the rest. Peeking is therefore meant for
queues without a consumer, and for the first message of a queue that has one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import uuid4

from pika.adapters.blocking_connection import BlockingChannel

from service_kit.broker.connection import connect
from service_kit.broker.fast_path import TolerantConnection
from service_kit.broker.publisher import ConfirmingPublisher, Message

#: Messages that are published together before their originals are acknowledged, and their bytes: a
#: message may have a megabyte.
MOVED_TOGETHER = 200
MOVED_BYTES = 8 << 20


@dataclass(frozen=True)
class QueuedMessage:
    """A message in its queue; `message_id` is derived from the body if the sender set none.

    `sent_at` (Unix time) is what the sender set, None if nothing. The exchange and the routing key
    by which it came are set by the broker, everything else by the sender.
    """

    message_id: str
    body: bytes
    headers: dict[str, Any]
    sent_at: int | None
    exchange: str = ""
    routing_key: str = ""


@dataclass(frozen=True)
class Moved:
    """The numbers of messages moved, not movable, and not matching."""

    moved: int
    failed: int
    unwanted: int = 0
    #: Whether there are more to look at: the limit was reached first.
    more: bool = False


def peek(url: str, queue: str, limit: int) -> list[QueuedMessage]:
    """Return the first messages of a queue and leave them. Raises one of BROKER_UNAVAILABLE."""
    with connect(url, "queue-browser", TolerantConnection) as connection:
        return [message for _, message in take(connection.channel(), queue, limit)]


def select(
    url: str, queue: str, matches: Callable[[QueuedMessage], bool], limit: int
) -> list[QueuedMessage]:
    """Return the first messages that match, and leave all. Raises one of BROKER_UNAVAILABLE."""
    with connect(url, "queue-browser", TolerantConnection) as connection:
        channel = connection.channel()
        present = channel.queue_declare(queue, passive=True).method.message_count
        every = (message for _, message in take(channel, queue, present))
        return list(islice(filter(matches, every), limit))


def remove(url: str, queue: str, message_ids: Iterable[str]) -> int:
    """Remove the first messages with these ids, each as often as it is named; return their number.

    An id that is not in the queue is left out. Raises one of BROKER_UNAVAILABLE; messages removed
    until then stay removed.
    """
    left, removed = Counter(message_ids), 0
    with connect(url, "queue-browser", TolerantConnection) as connection:
        channel = connection.channel()
        present = channel.queue_declare(queue, passive=True).method.message_count
        for tag, message in take(channel, queue, present):
            if left[message.message_id] > 0:
                left[message.message_id] -= 1
                channel.basic_ack(tag)
                removed += 1
            if removed and not left.total():
                break
    return removed


def move(
    url: str,
    source: str,
    target: str,
    matches: Callable[[QueuedMessage], bool],
    *,
    target_url: str | None = None,
    look: int | None = None,
    limit: int | None = None,
) -> Moved:
    """Move the messages that match among the first `look` messages of `source`, at most `limit`.

    `target_url` names the virtual host of `target`, where it is another one than that of `source`.
    Without `look`, of those that are there now. A message leaves `source` once `target` has
    confirmed it: a crash in between leaves two, never none. Those that come back to `source`
    meanwhile are not moved again.

    Raises: one of BROKER_UNAVAILABLE; messages moved until then stay moved.
    """
    publisher = ConfirmingPublisher(target_url or url, "queue-mover")
    moved = failed = unwanted = 0
    more = False
    try:
        with connect(url, "queue-browser", TolerantConnection) as connection:
            channel = connection.channel()
            present = channel.queue_declare(source, passive=True).method.message_count
            held: list[tuple[int, QueuedMessage]] = []
            for tag, message in take(channel, source, present if look is None else look):
                if limit is not None and moved + failed + len(held) >= limit:
                    more = True
                    break
                if not matches(message):
                    unwanted += 1
                    continue
                held.append((tag, message))
                held_bytes = sum(len(waiting.body) for _, waiting in held)
                if len(held) == MOVED_TOGETHER or held_bytes >= MOVED_BYTES:
                    confirmed = _publish(publisher, channel, target, held)
                    moved, failed, held = moved + confirmed, failed + len(held) - confirmed, []
            if held:
                confirmed = _publish(publisher, channel, target, held)
                moved, failed = moved + confirmed, failed + len(held) - confirmed
    finally:
        publisher.close()
    return Moved(moved, failed, unwanted, more)


def take(channel: BlockingChannel, queue: str, limit: int) -> Iterator[tuple[int, QueuedMessage]]:
    """Yield up to `limit` messages, each with its delivery tag.

    Those that are not acknowledged return to the queue when the connection is closed.
    """
    for _ in range(limit):
        method, properties, body = channel.basic_get(queue)
        if method is None:
            return
        name = properties.message_id
        if not isinstance(name, str) or not name:  # bytes that are no text are none either
            name = hashlib.sha256(body).hexdigest()[:32]
        yield (
            method.delivery_tag,
            QueuedMessage(
                name,
                body,
                properties.headers or {},
                properties.timestamp,
                method.exchange,
                method.routing_key,
            ),
        )


def _publish(
    publisher: ConfirmingPublisher,
    channel: BlockingChannel,
    target: str,
    held: list[tuple[int, QueuedMessage]],
) -> int:
    """Publish, acknowledge the confirmed messages, and return their number."""
    unconfirmed = publisher.publish(
        # An id of their own: the same message may be in the queue twice.
        [Message("", target, message.body, uuid4().hex) for _, message in held]
    )
    for position, (tag, _) in enumerate(held):
        if position not in unconfirmed:
            channel.basic_ack(tag)
    return len(held) - len(unconfirmed)
