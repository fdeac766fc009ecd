"""The relocation of a queue's messages, unchanged, into another virtual host.

Meters and services have a virtual host each. A queue in the meters' virtual host is emptied into
the platform's. If the broker itself puts messages into the queue (its own dead letters), this lasts
as long as the process; a queue left from before the platform's virtual host is emptied once.
"""

from __future__ import annotations

import logging
from uuid import uuid4

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from energy_contracts.errors import Reason
from energy_contracts.names import DEAD_LETTER_EXCHANGE, DETAIL_HEADER, REASON_HEADER
from service_kit.broker.connection import (
    BROKER_UNAVAILABLE,
    BrokerUnavailable,
    Topology,
    connect,
    is_misconfiguration,
)
from service_kit.broker.fast_path import TolerantConnection
from service_kit.broker.publisher import ConfirmingPublisher, Message
from service_kit.broker.queue_admin import QueuedMessage, take
from service_kit.process.backoff import backoff_seconds
from service_kit.process.signals import StopFlag

logger = logging.getLogger(__name__)

#: Messages that are published together before their originals are acknowledged.
TOGETHER = 100

#: The binding key that matches every routing key.
ALL_KEYS = "#"

#: Seconds between two looks into a queue that was empty.
LOOK_SECONDS = 1.0


class Relocation:
    """Empties queues of one virtual host into another.

    A message keeps body, headers, exchange and routing key if it came by an exchange to which only
    services may write. Any other one was written by a user of the first virtual host: with its
    exchange it would be accepted in the second one, so it becomes a dead letter.
    """

    def __init__(self, source_url: str, target_url: str, topology: Topology) -> None:
        """`source_url` and `target_url` name the two virtual hosts."""
        self._source_url, self._target_url, self._topology = source_url, target_url, topology
        self._exchanges = {DEAD_LETTER_EXCHANGE, topology.exchange} - {None}
        self._publisher = ConfirmingPublisher(target_url, f"relocation-{topology.queue}")

    def close(self) -> None:
        """Close the connection to the second virtual host."""
        self._publisher.close()

    def move_left_queues(self, stop: StopFlag) -> None:
        """Move and delete the queue and its dead letters in the first virtual host, if any.

        Waits for the broker. Raises pika's own error for a wrong configuration.
        """
        waits = backoff_seconds()
        left = [self._topology.queue, self._topology.dead_letter_queue]
        while left and not stop.is_set():
            try:
                self._move_all_and_delete(left[0])
                del left[0]
            except BROKER_UNAVAILABLE as error:
                if is_misconfiguration(error):
                    raise
                logger.warning("broker is unavailable, waiting: %s", error or type(error).__name__)
                stop.wait(next(waits))
        self.close()

    def _move_all_and_delete(self, queue: str) -> None:
        """Move every message of the queue and delete it; do nothing if it is missing.

        Raises: one of BROKER_UNAVAILABLE; what was moved until then stays moved.
        """
        with connect(self._target_url, f"relocation-{queue}") as connection:
            self._topology.declare(connection.channel())
        with connect(self._source_url, f"relocation-{queue}", TolerantConnection) as connection:
            channel = connection.channel()
            try:
                channel.queue_declare(queue, passive=True)
            except ChannelClosedByBroker as error:
                if error.reply_code != 404:
                    raise
                return
            moved = 0
            while count := self._move_some(channel, queue):
                moved += count
            # Not if a message came meanwhile, which the next start moves.
            channel.queue_delete(queue, if_unused=True, if_empty=True)
        logger.info("moved %s messages of %s into the virtual host of the platform", moved, queue)

    def run(self, queue: str, stop: StopFlag) -> None:
        """Move the messages that arrive in the queue, until the process is to stop."""
        waits = backoff_seconds()
        logged = False
        while not stop.is_set():
            try:
                with connect(
                    self._source_url, f"relocation-{queue}", TolerantConnection
                ) as connection:
                    channel = connection.channel()
                    self._topology.declare_dead_letters(channel)
                    waits, logged = backoff_seconds(), False
                    while not stop.is_set():
                        if not self._move_some(channel, queue):
                            connection.sleep(LOOK_SECONDS)
            except BROKER_UNAVAILABLE as error:
                if not logged:
                    words = error or type(error).__name__
                    logger.warning("%s is not emptied, waiting: %s", queue, words)
                    logged = True
                stop.wait(next(waits))
        self.close()

    def _move_some(self, channel: BlockingChannel, queue: str) -> int:
        """Return how many messages were moved, 0 if there was none. Raises BrokerUnavailable."""
        taken = list(take(channel, queue, TOGETHER))
        if not taken:
            return 0
        needed = [(tag, message) for tag, message in taken if not self._is_unbound(message)]
        unconfirmed = self._publisher.publish([self._as_sent(message) for _, message in needed])
        returned_tags = {needed[position][0] for position in unconfirmed}
        for tag, _ in taken:
            if tag not in returned_tags:
                channel.basic_ack(tag)
        if unconfirmed:
            # With the connection the rest returns to the queue.
            raise BrokerUnavailable(f"{len(unconfirmed)} messages of {queue} were not confirmed")
        return len(taken)

    def _is_unbound(self, message: QueuedMessage) -> bool:
        """Return whether the queue received such events by an older binding and no longer does.

        Published again, such an event would reach no queue and never be confirmed.
        """
        keys = self._topology.binding_keys
        event = message.exchange == self._topology.exchange
        return event and ALL_KEYS not in keys and message.routing_key not in keys

    def _as_sent(self, message: QueuedMessage) -> Message:
        # An id of its own: the same message may be in the queue twice.
        message_id = uuid4().hex
        if message.exchange in self._exchanges:
            return Message(
                message.exchange,
                message.routing_key,
                message.body,
                message_id,
                headers=message.headers,
            )
        detail = f"It was written into {message.routing_key!r} from outside of the platform."
        return Message(
            DEAD_LETTER_EXCHANGE,
            self._topology.dead_letter_queue,
            message.body,
            message_id,
            headers={REASON_HEADER: Reason.FOREIGN, DETAIL_HEADER: detail},
        )
