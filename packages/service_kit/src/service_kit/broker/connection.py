"""Connections, and the declaration of the queues that a consumer needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.adapters.select_connection import SelectConnection
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from energy_contracts.names import DEAD_LETTER_EXCHANGE

T = TypeVar("T")


class BrokerUnavailable(Exception):
    """There is no connection, or it was lost: unconfirmed messages must be sent again."""


class ExchangeMissing(BrokerUnavailable):
    """The broker knows no exchange of this name; nothing of the batch was taken."""


#: Errors that are raised while the broker is unavailable: BrokerUnavailable, pika's own, and those
#: of a broker that accepts a connection and sends nothing. ValueError is missing: a fault in our
#: code would be retried endlessly as an outage; `Connection` translates pika's.
BROKER_UNAVAILABLE = (BrokerUnavailable, AMQPError, AMQPConnectorException, OSError)

#: Seconds between heartbeats. A cut network or a broker that hangs is noticed after 1.5 to 3 of
#: them. Below 5 s a busy machine looks dead; with 10 s a consumer is back within half a minute.
HEARTBEAT_SECONDS = 8

#: Seconds for one attempt to connect, until the end of the handshake. A broker that starts
#: accepts connections before it answers; pika's 15 s would pass before the next attempt.
CONNECT_SECONDS = 8.0

#: Attempts to make the socket pair that pika's loop wakes itself with.
SOCKET_PAIR_ATTEMPTS = 3


def parameters(url: str, name: str) -> pika.URLParameters:
    """Return connection parameters; an operator sees `name` in the broker's list of connections."""
    result = pika.URLParameters(url)
    result.heartbeat = HEARTBEAT_SECONDS
    result.blocked_connection_timeout = 30
    result.socket_timeout = CONNECT_SECONDS
    result.stack_timeout = CONNECT_SECONDS
    result.connection_attempts = 1
    result.client_properties = {"connection_name": name}
    return result


#: Rejections that waiting does not change: wrong password, missing right, wrong arguments.
_LASTING_CODES = (403, 404, 406)
#: Codes that end the handshake: wrong password; no such virtual host, or no right to it.
_REJECTED_LOGINS = (403, 530)
_CLOSED = ConnectionClosedByBroker.__name__


def is_misconfiguration(error: BaseException) -> bool:
    """Return whether the broker runs and rejects this program permanently.

    pika calls each connection that ends during the handshake a probable rejection, also if the
    broker is killed at that moment. A real rejection contains the broker's own answer.
    """
    if isinstance(error, ProbableAuthenticationError | ProbableAccessDeniedError):
        return any(f"{_CLOSED}: ({code})" in str(error) for code in _REJECTED_LOGINS)
    return isinstance(error, ChannelClosedByBroker) and error.reply_code in _LASTING_CODES


class Connection(BlockingConnection):  # type: ignore[misc]  # pika has no types
    """pika's connection, which raises BrokerUnavailable where pika raises ValueError.

    A file descriptor that is closed while pika waits for it raises ValueError.
    """

    @property
    def implementation(self) -> Any:
        """The connection of the class that `connect` was given; it runs in the same thread."""
        return self._impl

    def _flush_output(self, *waiters: Callable[[], bool]) -> None:
        try:
            super()._flush_output(*waiters)
        except ValueError as error:
            if self._impl.is_open:
                raise
            raise BrokerUnavailable(f"the connection ended: {error}") from error


def with_own_socket_pair(create: Callable[[], T]) -> T:
    """Return the pika connection or event loop that `create` makes; raises what `create` raises.

    pika connects a TCP socket to itself, to wake its own loop. Linux rejects that sometimes while
    thousands of connections were closed a moment ago, and a broker that runs would be reported as
    unavailable. The next attempt takes new port numbers. A broker that rejects the connection
    raises an error of pika's instead and is not tried again here.
    """
    for _ in range(SOCKET_PAIR_ATTEMPTS - 1):
        try:
            return create()
        except ConnectionRefusedError:
            continue
    return create()


def connect(
    url: str, name: str, implementation: type[SelectConnection] | None = None
) -> Connection:
    """Return an open connection after one attempt to reach it; raises one of BROKER_UNAVAILABLE."""
    return with_own_socket_pair(lambda: Connection(parameters(url, name), implementation))


@dataclass(frozen=True)
class Topology:
    """A durable queue, its dead-letter queue, and the exchange that it is bound to, if any.

    Declared plainly, so that a client that knows only the queue's name may declare it as well.
    Dead letters come by an exchange of their own, to which only the platform may write: by the
    queue's name those that the broker moves, by the name of their queue those of consumers.
    """

    queue: str
    dead_letter_queue: str
    exchange: str | None = None
    binding_keys: tuple[str, ...] = ()
    #: Bindings of earlier releases; they are removed after the ones above exist.
    obsolete_keys: tuple[str, ...] = ()

    def declare(self, channel: BlockingChannel) -> None:
        """Create what is missing, the dead-letter queue first: rejected messages need it."""
        self.declare_dead_letters(channel)
        channel.queue_declare(self.queue, durable=True)
        if self.exchange is not None:
            channel.exchange_declare(self.exchange, exchange_type="topic", durable=True)
            for key in self.binding_keys:
                channel.queue_bind(self.queue, self.exchange, key)
            for key in self.obsolete_keys:
                channel.queue_unbind(self.queue, self.exchange, key)

    def declare_dead_letters(self, channel: BlockingChannel) -> None:
        """Create the exchange and the queue of dead letters, if they are missing."""
        channel.exchange_declare(DEAD_LETTER_EXCHANGE, exchange_type="direct", durable=True)
        channel.queue_declare(self.dead_letter_queue, durable=True)
        for key in (self.queue, self.dead_letter_queue):
            channel.queue_bind(self.dead_letter_queue, DEAD_LETTER_EXCHANGE, key)


def queue_depths(url: str, queues: Iterable[str]) -> dict[str, int | None]:
    """Return the number of messages ready in each queue, None for a queue that does not exist.

    Raises: one of BROKER_UNAVAILABLE.
    """
    depths: dict[str, int | None] = {}
    with connect(url, "queue-depths") as connection:
        for queue in queues:
            try:
                channel = connection.channel()
                depths[queue] = channel.queue_declare(queue, passive=True).method.message_count
            except ChannelClosedByBroker:
                depths[queue] = None
    return depths
