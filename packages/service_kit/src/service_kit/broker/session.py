"""One connection of a consumer: the messages received on it, and the batches in work.

Only `consumer` uses this module. Everything runs in the thread that calls `run`, except for
`unacknowledged`, `oldest_timestamp` and the batches themselves.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from service_kit.broker.connection import (
    BROKER_UNAVAILABLE,
    BrokerUnavailable,
    Connection,
    Topology,
)
from service_kit.broker.dead_letters import Rejected
from service_kit.broker.delivery import Delivery
from service_kit.broker.sources import DeliverySource
from service_kit.process.counters import BROKER_INTERRUPTIONS, CONSUMING
from service_kit.process.signals import StopFlag, Stopped

logger = logging.getLogger(__name__)

#: Bytes received that wait for their batch. A prefetch counts messages, of 100 bytes or a megabyte;
#: memory needs a bound in bytes.
MAX_WAITING_BYTES = 16 << 20

#: Seconds that a message may wait for others before its batch is processed.
LINGER_SECONDS = 0.02

#: Seconds between two declarations of the topology on a connection that works.
RENEW_SECONDS = 5.0


@dataclass(frozen=True)
class Limits:
    """Limits: unacknowledged messages; messages and bytes of one batch; batches in work at once."""

    prefetch: int
    max_batch: int
    max_batch_bytes: int
    parallel: int


@dataclass(frozen=True)
class BatchInWork:
    """A batch that is being processed, with the tag of its last delivery."""

    result: Future[list[Rejected]]
    oldest: Delivery
    last_tag: int


class Session:
    """The life of one connection, from its first declaration to its last acknowledgement.

    `submit` starts the processing of a batch in a thread. `publish` has rejected messages confirmed
    among the dead letters and returns those that were not.
    """

    def __init__(
        self,
        name: str,
        connection: Connection,
        topology: Topology,
        limits: Limits,
        source: type[DeliverySource],
        submit: Callable[[list[Delivery]], Future[list[Rejected]]],
        publish: Callable[[list[Rejected]], list[Rejected]],
        stop: StopFlag,
    ) -> None:
        """Open a channel on `connection`."""
        self._name = name
        self._connection = connection
        self._topology = topology
        self._limits = limits
        self._submit = submit
        self._publish = publish
        self._stop = stop
        self._channel: BlockingChannel = connection.channel()
        self._source = source(connection, self._channel)
        self._received: deque[Delivery] = deque()
        self._received_bytes = 0
        #: Delivery tags of a channel are consecutive: their difference counts messages.
        self._received_tag = self._acknowledged_tag = 0
        self._oldest_at = 0.0
        #: In the order of their tags.
        self._in_work: deque[BatchInWork] = deque()
        self._gave_up = False
        self._cancelled = False
        self._must_read = False
        self._consumer_tag = ""
        self._renew_at = time.monotonic() + RENEW_SECONDS

    @property
    def unacknowledged(self) -> int:
        """Messages taken from the queue and not acknowledged yet."""
        return self._received_tag - self._acknowledged_tag

    @property
    def oldest_timestamp(self) -> int | None:
        """Unix time that the sender set in the oldest unacknowledged message, None for none."""
        # Another thread may take the last element between a check and the access.
        with suppress(IndexError):
            return self._in_work[0].oldest.timestamp
        with suppress(IndexError):
            return self._received[0].timestamp
        return None

    def begin(self) -> None:
        """Declare the topology and start to receive.

        Raises: one of BROKER_UNAVAILABLE.
        """
        self._topology.declare(self._channel)
        self._channel.basic_qos(prefetch_count=self._limits.prefetch)
        self._channel.add_on_cancel_callback(self._on_cancelled)
        self._consumer_tag = self._source.start(self._topology.queue, self._on_deliveries)

    def run(self) -> None:
        """Work until the process is to stop or the broker cancels the consumer."""
        try:
            while not (self._stop.is_set() or self._cancelled):
                self._step()
                self._renew_topology()
            if self._cancelled:
                self._declare_queue_again()
                self._drain()
            else:
                with self._reading():
                    self._channel.basic_cancel(self._consumer_tag)
                self._finish()
        finally:
            # A batch cut off from its broker still commits or gives up before a new session
            # starts: the same messages must not be in work twice.
            for batch in self._in_work:
                batch.result.exception()
            # The broker's last frame follows all that it has sent: if nobody read it, closing would
            # wait for it until the connection counts as dead.
            self._must_read = True
            self._pause_if_full()

    def _on_cancelled(self, _frame: object) -> None:
        self._cancelled = True

    def _declare_queue_again(self) -> None:
        """Declare the deleted queue before the received messages are processed.

        Until the queue exists the broker drops every message that is sent to it.
        """
        CONSUMING.labels(self._topology.queue).set(0)
        BROKER_INTERRUPTIONS.labels(self._name, "cancelled").inc()
        logger.warning(
            "the broker cancelled the consumer of %s: the queue was deleted or moved; declaring it "
            "again, %s received messages are still stored",
            self._topology.queue,
            len(self._received),
        )
        self._declare()

    def _declare(self) -> None:
        """Declare the topology, on a channel of its own: a failure closes the channel."""
        try:
            with self._reading(), self._connection.channel() as channel:
                self._topology.declare(channel)
        except ChannelClosedByBroker as error:
            logger.error("%s cannot be declared: %s", self._topology.queue, error)

    def _drain(self) -> None:
        """Process all received messages: a deleted queue delivers nothing a second time."""
        while (self._received or self._in_work) and not self._gave_up:
            self._step()

    def _renew_topology(self) -> None:
        """From time to time, declare again all that can be deleted without notice to a consumer.

        Those are the exchange, the bindings, and the queue of dead letters.
        """
        if time.monotonic() < self._renew_at or self._received:
            return
        self._renew_at = time.monotonic() + RENEW_SECONDS
        self._declare()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Read the socket while a request to the broker waits for its answer."""
        self._must_read = True
        self._pause_if_full()
        try:
            yield
        finally:
            self._must_read = False
        self._pause_if_full()

    def _on_deliveries(self, deliveries: list[Delivery]) -> None:
        if not self._received:
            self._oldest_at = time.monotonic()
            self._wake()
        self._received.extend(deliveries)
        self._received_bytes += sum([len(delivery.body) for delivery in deliveries])
        self._received_tag = deliveries[-1].tag
        self._pause_if_full()

    def _pause_if_full(self) -> None:
        self._source.pause(self._received_bytes > MAX_WAITING_BYTES and not self._must_read)

    def _step(self) -> None:
        if self._batch_is_due():
            self._start_batch()
        lingers = self._received and not self._in_work
        self._connection.process_data_events(time_limit=LINGER_SECONDS if lingers else 1)
        self._acknowledge_done()

    def _batch_is_due(self) -> bool:
        """Return whether to start a batch; while another one is in work, only a full one."""
        if not self._received or len(self._in_work) >= self._limits.parallel:
            return False
        if len(self._received) >= self._limits.max_batch:
            return True
        if self._received_bytes >= self._limits.max_batch_bytes:
            return True
        return not self._in_work and time.monotonic() - self._oldest_at >= LINGER_SECONDS

    def _start_batch(self) -> None:
        batch: list[Delivery] = []
        size, limits = 0, self._limits
        for delivery in self._received:
            if len(batch) == limits.max_batch or size >= limits.max_batch_bytes:
                break
            batch.append(delivery)
            size += len(delivery.body)
        self._oldest_at = time.monotonic()
        result = self._submit(batch)
        self._in_work.append(BatchInWork(result, batch[0], batch[-1].tag))
        # Only now: `oldest_timestamp` must find each message in one of the two at any time.
        for _ in batch:
            self._received.popleft()
        self._received_bytes -= size
        result.add_done_callback(self._wake)
        self._pause_if_full()

    def _wake(self, _done: object = None) -> None:
        # When the connection is closed so is its loop: there is nothing to wake.
        with suppress(*BROKER_UNAVAILABLE):
            self._connection.add_callback_threadsafe(lambda: None)

    def _acknowledge_done(self) -> None:
        while self._in_work and self._in_work[0].result.done():
            batch = self._in_work[0]
            try:
                rejected = batch.result.result()
            except Stopped:
                # Acknowledgements are cumulative: after a batch was given up, none may follow.
                self._gave_up = True
                rejected = []
            except BROKER_UNAVAILABLE as error:
                # Not the broker's: retried as an outage it would be retried endlessly.
                raise RuntimeError("a batch could not be processed") from error
            if not self._gave_up:
                if rejected:
                    self._reject(rejected)
                self._channel.basic_ack(batch.last_tag, multiple=True)
                self._acknowledged_tag = batch.last_tag
            self._in_work.popleft()

    def _reject(self, rejected: list[Rejected]) -> None:
        """Publish rejected messages to the dead letters and wait for the confirms.

        Raises: one of BROKER_UNAVAILABLE.
        """
        unconfirmed = self._publish(rejected)
        if unconfirmed:
            raise BrokerUnavailable(f"{len(unconfirmed)} dead letters were not confirmed")

    def _finish(self) -> None:
        """Acknowledge the batches in work; the broker requeues all other received messages."""
        while self._in_work:
            self._connection.process_data_events(time_limit=0.2)
            self._acknowledge_done()
