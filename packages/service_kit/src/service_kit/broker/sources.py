"""The two sources of a consumer's deliveries: pika's callbacks, and the fast path.

Both have the same meaning; tests run every consumer with both, and `./ems bench drain` shows the
difference in speed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from pika.adapters.blocking_connection import BlockingChannel

from service_kit.broker.connection import Connection
from service_kit.broker.delivery import Delivery
from service_kit.broker.fast_path import FastConnection, PausableConnection

OnDeliveries = Callable[[list[Delivery]], None]


class DeliverySource(Protocol):
    """Hands over the deliveries of a queue, in the thread that runs the connection."""

    #: The class with which `connection.connect` makes the connection.
    implementation: ClassVar[type[PausableConnection]]

    def __init__(self, connection: Connection, channel: BlockingChannel) -> None:
        """Take the deliveries of `channel`, which belongs to `connection`."""
        ...

    def start(self, queue: str, on_deliveries: OnDeliveries) -> str:
        """Consume the queue; return the consumer's tag."""
        ...

    def pause(self, paused: bool) -> None:
        """Stop or continue taking deliveries from the broker."""
        ...


class PikaSource:
    """Deliveries by the callbacks of pika's channel."""

    implementation: ClassVar[type[PausableConnection]] = PausableConnection

    def __init__(self, connection: Connection, channel: BlockingChannel) -> None:
        """Take the deliveries of `channel`, which belongs to `connection`."""
        self._connection = connection
        self._channel = channel

    def start(self, queue: str, on_deliveries: OnDeliveries) -> str:
        """Consume the queue; return the consumer's tag."""

        def receive(_channel: BlockingChannel, method: Any, properties: Any, body: bytes) -> None:
            tag = method.delivery_tag
            on_deliveries([Delivery(body, method.exchange, method.routing_key, tag, properties)])

        return str(self._channel.basic_consume(queue, receive))

    def pause(self, paused: bool) -> None:
        """Stop or continue reading the socket."""
        self._connection.implementation.pause(paused)


class FastSource(PikaSource):
    """Deliveries cut out of the received bytes."""

    implementation: ClassVar[type[PausableConnection]] = FastConnection

    def start(self, queue: str, on_deliveries: OnDeliveries) -> str:
        """Consume the queue; return the consumer's tag."""
        implementation: FastConnection = self._connection.implementation
        implementation.start(on_deliveries)
        # The deliveries never come this way; pika must know of a consumer all the same.
        return str(self._channel.basic_consume(queue, lambda *_: None))
