"""Connections and the queues a consumer needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.adapters.select_connection import SelectConnection
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

#: What pika raises when the broker is away, in the middle of anything: its own errors, those of a
#: broker that accepts a connection and says nothing (not among its own), and the ValueError of a
#: connection that died while it was waited for.
BROKER_AWAY = (AMQPError, AMQPConnectorException, OSError, ValueError)

#: Seconds between heartbeats. Below 5 s a busy machine looks dead; above 60 s a cut network goes
#: unnoticed for minutes.
HEARTBEAT_SECONDS = 30


def parameters(url: str, name: str) -> pika.URLParameters:
    """Connection parameters; `name` is what an operator sees in the broker's list."""
    found = pika.URLParameters(url)
    found.heartbeat = HEARTBEAT_SECONDS
    found.blocked_connection_timeout = 30
    found.socket_timeout = 10
    found.connection_attempts = 1
    found.client_properties = {"connection_name": name}
    return found


class BrokerAway(Exception):
    """No connection, or it was lost: what was not confirmed must be sent again."""


#: Broker refusals that no waiting mends: wrong password or missing right, wrong queue arguments.
_REFUSED_CODES = (403, 404, 406)


def is_misconfiguration(error: BaseException) -> bool:
    """Whether the broker is there and refuses us for what we are or ask."""
    if isinstance(error, ProbableAuthenticationError | ProbableAccessDeniedError):
        return True
    return isinstance(error, ChannelClosedByBroker) and error.reply_code in _REFUSED_CODES


def connect(
    url: str, name: str, implementation: type[SelectConnection] | None = None
) -> BlockingConnection:
    """One attempt; raises one of BROKER_AWAY."""
    return BlockingConnection(parameters(url, name), implementation)


@dataclass(frozen=True)
class Topology:
    """A durable queue, its dead-letter queue, and the exchange it listens to, if any.

    Declared plainly, so that a client that knows only the queue's name may declare it as well.
    """

    queue: str
    dead_letter_queue: str
    exchange: str | None = None
    binding_keys: tuple[str, ...] = ()

    def declare(self, channel: BlockingChannel) -> None:
        """Create what is missing; the dead-letter queue first, a refused message needs it."""
        channel.queue_declare(self.dead_letter_queue, durable=True)
        channel.queue_declare(self.queue, durable=True)
        if self.exchange is not None:
            channel.exchange_declare(self.exchange, exchange_type="topic", durable=True)
            for key in self.binding_keys:
                channel.queue_bind(self.queue, self.exchange, key)


def queue_depths(url: str, queues: Iterable[str]) -> dict[str, int | None]:
    """Messages ready in each queue, None for one that does not exist; raises BROKER_AWAY's."""
    depths: dict[str, int | None] = {}
    with connect(url, "queue-depths") as connection:
        for queue in queues:
            try:
                channel = connection.channel()
                depths[queue] = channel.queue_declare(queue, passive=True).method.message_count
            except ChannelClosedByBroker:
                depths[queue] = None
    return depths
